"""What a session may be: pure checks of what staff want to hold. Wall-clock times in, instants out."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import calendar
from backend.booking import errors_sessions as errors
from backend.booking import recurrence, rules
from backend.booking.errors import FormNotAllowed
from backend.booking.rules import Audience, Form
from backend.course import plans, regimes
from backend.course.plans import Activity

Zone = Literal["Europe/Copenhagen", "Atlantic/Faroe", "America/Nuuk"]
# Talks with one adviser are made by booking them.
PUBLISHED = ("joint_talk", "workshop", "theme_day", "net_cafe")
GROUP = (2, 4)
MOST_SEATS = 200
LOOKING_AHEAD = timedelta(days=400)
# In a course, so long before a joint talk its spell began.
SPELL_BEFORE = 12 * calendar.WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a session is held: what of it a template and a single session share.

    A joint talk gives each member `own_minutes` after `lead_minutes` together. Booking closes `closes_hours` before.
    """

    activity: str
    form: Form
    capacity: int
    minutes: int
    place: str | None = None
    language: str = "da"
    audience: Audience = field(default_factory=Audience)
    branch_id: UUID | None = None
    staff_id: UUID | None = None
    partner_id: UUID | None = None
    lead_minutes: int = 0
    own_minutes: int | None = None
    closes_hours: int = 24
    zone: Zone = "Europe/Copenhagen"


def check(setup: Setup, set_name: str, day: date) -> Activity:
    """The activity, when a session like this can be held on that day.

    Raises ActivityUnknown, SeatsNotPossible, WaitTooLong, LengthNotPossible, PlaceNeeded, FormNotAllowed.
    """
    activity = plans.catalogue(set_name).get(setup.activity)
    if activity is None or activity.kind not in PUBLISHED:
        raise errors.ActivityUnknown(field="activity")
    _check_seats(setup, activity)
    if not 10 <= setup.minutes <= 600:
        raise errors.LengthNotPossible(field="minutes")
    if setup.form == "personal" and not (setup.place or "").strip():
        raise errors.PlaceNeeded(field="place")
    if setup.form not in forms(set_name, activity, day):
        raise FormNotAllowed(field="form")
    return activity


def _check_seats(setup: Setup, activity: Activity) -> None:
    low, high = activity.group_size or (GROUP if activity.kind == "net_cafe" else (1, MOST_SEATS))
    if activity.kind == "joint_talk":
        _check_joint(setup)
        high = rules.joint_capacity(setup.own_minutes or 1)
    if not low <= setup.capacity <= high:
        raise errors.SeatsNotPossible(field="capacity", low=low, high=high)


def _check_joint(setup: Setup) -> None:
    """Nobody waits more than 45 minutes, and all are done when the session ends."""
    own = setup.own_minutes
    if own is None or not 5 <= own <= 60:
        raise errors.OwnTimeNeeded(field="ownMinutes")
    if setup.capacity > rules.joint_capacity(own):
        raise errors.WaitTooLong(field="capacity", most=rules.joint_capacity(own))
    if setup.lead_minutes + setup.capacity * own > setup.minutes:
        raise errors.LengthNotPossible(field="minutes")


def forms(set_name: str, activity: Activity, day: date) -> frozenset[str]:
    """How it may be held: for statutory talks, as the regime says that most who come by then are under."""
    began = max(day - SPELL_BEFORE, plans.earliest(set_name))
    regime = regimes.for_start(plans.for_start(set_name, began), began)
    return regimes.forms_allowed(regimes.all_regimes()[regime], activity.talks, eased=False)


def instant(wall: datetime, zone: str) -> datetime:
    """The instant of a wall-clock time. Raises NoSuchTime in the hour that the clock skips in March."""
    found = recurrence.instant(wall, ZoneInfo(zone))
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise errors.NoSuchTime(field="startsAt")
    return found


def check_ahead(starts_at: datetime, now: datetime) -> None:
    if not now < starts_at <= now + LOOKING_AHEAD:
        raise errors.NotAhead(field="startsAt")
