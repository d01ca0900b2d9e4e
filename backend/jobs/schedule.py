"""The whole timetable, in Denmark's wall-clock time. Every run can be repeated without doing anything twice.

Nothing begins between 02:00 and 03:00, an hour that is missing in March and comes twice in October.
"""

from collections.abc import Mapping
from datetime import timedelta

from backend.i18n import N_
from backend.jobs import housekeeping, ranges, rate_members, rate_stale, sweep_documents
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
)
BY_NAME: Mapping[str, Job] = {job.name: job for job in TIMETABLE}
