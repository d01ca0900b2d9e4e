"""The timetable of reminders. All end before the evening: late, they are left out rather than sent on another day."""

from collections.abc import Callable
from datetime import date, timedelta

from backend.benefit import dates
from backend.followup import rules_reminders as rules
from backend.i18n import N_
from backend.jobs import ranges, remind
from backend.jobs.job import Job, Work

UNTIL_EVENING = timedelta(hours=9)


def _job(name: str, about: str, work: Work, only: Callable[[date], bool], **cron: str) -> Job:
    """A reminder to all members, on the days that are its own."""
    return Job(
        name=name,
        about=about,
        cron={"hour": "10", "minute": "0"} | cron,
        staleness=UNTIL_EVENING,
        work=work,
        plan=ranges.everybody,
        members=ranges.members,
        only=only,
    )


TIMETABLE: tuple[Job, ...] = (
    _job(
        "remind-this-week",
        N_("Reminds those who logged nothing this week, on Thursdays"),
        remind.this_week,
        rules.is_ringing_day,
        day_of_week="thu",
    ),
    _job(
        "remind-last-week",
        N_("Reminds those who logged nothing last week, on Mondays"),
        remind.last_week,
        lambda _day: True,
        day_of_week="mon",
    ),
    _job(
        "remind-this-month",
        N_("Reminds those who logged nothing this month, on the 20th"),
        remind.this_month,
        lambda _day: True,
        day=str(rules.MONTH_WARNING_DAY),
    ),
    _job(
        "remind-uploads",
        N_("Reminds of uploads, on the 24th and the last weekday of the month"),
        remind.uploads,
        rules.is_uploads_day,
        minute="10",
    ),
    _job(
        "remind-card-open",
        N_("Tells that the benefit card has opened"),
        remind.card_opens,
        lambda day: dates.opening(day) is not None,
        hour="9",
    ),
    _job(
        "remind-card-missing",
        N_("Reminds of benefit cards that are missing"),
        remind.card_missing,
        lambda day: dates.to_be_sent(day) is not None or dates.nearly_lost(day) is not None,
        hour="9",
    ),
    _job(
        "task-card-last-day",
        N_("Opens a task for each benefit card that can be sent for the last time"),
        remind.card_last_day,
        lambda day: dates.about_to_be_lost(day) is not None,
        hour="8",
    ),
    Job(
        name="remind-cvs",
        about=N_("Reminds those whose CV is not approved"),
        cron={"hour": "9", "minute": "30"},
        staleness=UNTIL_EVENING,
        work=remind.cvs,
        plan=ranges.once,
        members=ranges.nobody,
        only=rules.is_ringing_day,
    ),
)
