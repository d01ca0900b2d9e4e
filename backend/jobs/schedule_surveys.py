"""The surveys' part of the timetable, in Denmark's wall-clock time."""

from datetime import timedelta

from backend.i18n import N_
from backend.jobs import ranges, surveys
from backend.jobs.job import Job

TIMETABLE: tuple[Job, ...] = (
    Job(
        name="survey-attendance",
        about=N_("Takes note of who attended what, for the surveys"),
        cron={"hour": "6-22", "minute": "5,35"},
        staleness=timedelta(hours=2),
        work=surveys.note,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    # The rules themselves keep to working days from 9 to 19; these are the hours in which they can say yes. More than
    # once an hour: what ended late on a Friday afternoon may be asked about in its last minutes only.
    Job(
        name="survey-invite",
        about=N_("Asks members how it went, or records why not"),
        cron={"day_of_week": "mon-fri", "hour": "9-18", "minute": "0,15,45,59"},
        staleness=timedelta(minutes=50),
        work=surveys.invite,
        plan=ranges.waiting,
        members=ranges.waiting_members,
    ),
    Job(
        name="survey-remind",
        about=N_("Reminds members once of a survey that they have not answered"),
        cron={"day_of_week": "mon-fri", "hour": "9-18", "minute": "45"},
        staleness=timedelta(minutes=50),
        work=surveys.remind,
        plan=ranges.asked,
        members=ranges.asked_members,
    ),
    Job(
        name="survey-count",
        about=N_("Adds answers to the figures, five at a time"),
        cron={"hour": "0-1,3-23", "minute": "10,40"},
        staleness=timedelta(hours=2),
        work=surveys.count,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="survey-release",
        about=N_("Closes the figures of a quarter when no answer can come any more"),
        cron={"hour": "4", "minute": "20"},
        staleness=timedelta(hours=20),
        work=surveys.release,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="survey-forget",
        about=N_("Cuts what leads from answers to members after a year"),
        cron={"hour": "4", "minute": "50"},
        staleness=timedelta(hours=20),
        work=surveys.forget,
        plan=ranges.once,
        members=ranges.nobody,
    ),
)
