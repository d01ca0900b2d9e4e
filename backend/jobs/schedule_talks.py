"""The part of the timetable that is about talks, in Denmark's wall-clock time."""

from datetime import timedelta

from backend import calendar
from backend.i18n import N_
from backend.jobs import ranges, registry, talks, tell_staff
from backend.jobs.job import Job, nothing

TIMETABLE: tuple[Job, ...] = (
    Job(
        name="prepare-talks",
        about=N_("Reminds those who are not ready for their first talk, then has them rung"),
        cron={"day_of_week": "mon-fri", "hour": "8", "minute": "20"},
        staleness=timedelta(hours=8),
        work=talks.prepare,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="ask-for-minutes",
        about=N_("Asks whoever held a talk to close its minutes"),
        cron={"day_of_week": "mon-fri", "hour": "7", "minute": "20"},
        staleness=timedelta(hours=8),
        work=talks.to_close,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="remind-agreements",
        about=N_("Reminds members of what they agreed to do within two days"),
        cron={"hour": "8", "minute": "45"},
        staleness=timedelta(hours=10),
        work=talks.agreements,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="tell-handovers",
        about=N_("Tells members of the handover to the jobcentre, three weeks and one week before"),
        cron={"day_of_week": "mon-fri", "hour": "9", "minute": "20"},
        staleness=timedelta(hours=8),
        work=talks.handovers,
        plan=ranges.everybody,
        members=ranges.members,
    ),
    Job(
        name="tell-staff",
        about=N_("Tells those who follow up how much has come since the last working morning"),
        cron={"day_of_week": "mon-fri", "hour": "8", "minute": "*/20"},
        staleness=timedelta(hours=2),
        work=nothing,
        plan=ranges.once,
        members=ranges.nobody,
        only=calendar.is_working_day,
        outside=tell_staff.outside,
    ),
    Job(
        name="report-talks",
        about=N_("Reports talks and bookings to the shared registry"),
        cron={"hour": "0-1,3-23", "minute": "1-59/2"},
        staleness=timedelta(minutes=10),
        work=nothing,
        plan=ranges.once,
        members=ranges.nobody,
        outside=registry.send,
    ),
    Job(
        name="compare-registry",
        about=N_("Compares what the shared registry holds with what was reported"),
        cron={"hour": "5", "minute": "25"},
        staleness=timedelta(hours=12),
        work=nothing,
        plan=ranges.once,
        members=ranges.nobody,
        outside=registry.reconcile,
    ),
)
