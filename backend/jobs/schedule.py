"""The whole timetable, in Denmark's wall-clock time. Every run can be repeated without doing anything twice.

Nothing begins between 02:00 and 03:00, an hour that is missing in March and comes twice in October.
"""

from collections.abc import Mapping
from datetime import timedelta

from backend.i18n import N_
from backend.jobs import (
    ask_to_book,
    housekeeping,
    miss_deadlines,
    plan_courses,
    publish_sessions,
    ranges,
    rate_members,
    rate_stale,
    remind_booked,
    schedule_reminders,
    schedule_surveys,
    sweep_bookings,
    sweep_documents,
)
from backend.jobs.job import Job, nothing

TIMETABLE: tuple[Job, ...] = (
    Job(
        name="rate-members",
        about=N_("Rates every member and does what follows"),
        cron={"day_of_week": "wed", "hour": "6", "minute": "0"},
        staleness=timedelta(days=3),
        work=rate_members.work,
        plan=ranges.everybody,
        members=ranges.members,
    ),
    Job(
        name="rate-stale",
        about=N_("Rates again those whose facts an import changed"),
        cron={"hour": "0-1,3-23", "minute": "*/5"},
        staleness=timedelta(minutes=10),
        work=rate_stale.work,
        plan=ranges.stale,
        members=ranges.stale_members,
    ),
    Job(
        name="plan-courses",
        about=N_("Plans the courses of those who became unemployed, and tells members of changes"),
        cron={"hour": "0-1,3-23", "minute": "2-57/5"},
        staleness=timedelta(minutes=30),
        work=plan_courses.work,
        plan=ranges.unplanned,
        members=ranges.unplanned_members,
    ),
    Job(
        name="miss-deadlines",
        about=N_("Ends booking deadlines that passed unused, and opens a task for each"),
        cron={"hour": "0", "minute": "15"},
        staleness=timedelta(hours=20),
        work=miss_deadlines.work,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="publish-sessions",
        about=N_("Publishes sessions from their templates"),
        cron={"hour": "4", "minute": "40"},
        staleness=timedelta(hours=12),
        work=publish_sessions.work,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="ask-to-book",
        about=N_("Asks members to book what their course holds next, and reminds them of deadlines"),
        cron={"day_of_week": "mon-fri", "hour": "8", "minute": "10"},
        staleness=timedelta(hours=8),
        work=ask_to_book.work,
        plan=ranges.everybody,
        members=ranges.members,
    ),
    Job(
        name="remind-booked",
        about=N_("Reminds members of what they have booked"),
        cron={"hour": "7-20", "minute": "*/5"},
        staleness=timedelta(minutes=30),
        work=remind_booked.work,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="sweep-bookings",
        about=N_("Gives places back that were only held, and offers free seats to those in line"),
        cron={"hour": "0-1,3-23", "minute": "*/2"},
        staleness=timedelta(minutes=10),
        work=nothing,
        plan=ranges.once,
        members=ranges.nobody,
        outside=sweep_bookings.outside,
    ),
    Job(
        name="housekeeping",
        about=N_("Throws away what nobody needs any more"),
        cron={"hour": "3", "minute": "30"},
        staleness=timedelta(hours=12),
        work=housekeeping.work,
        plan=ranges.once,
        members=ranges.nobody,
    ),
    Job(
        name="sweep-documents",
        about=N_("Deletes files that no job log entry holds any more"),
        cron={"hour": "4", "minute": "10"},
        staleness=timedelta(hours=12),
        work=nothing,
        plan=ranges.once,
        members=ranges.nobody,
        outside=sweep_documents.outside,
    ),
    *schedule_surveys.TIMETABLE,
    *schedule_reminders.TIMETABLE,
)
BY_NAME: Mapping[str, Job] = {job.name: job for job in TIMETABLE}
