"""Sessions and series as staff enter and read them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import Row

from backend.api.me_slots import AudienceView
from backend.api.wire import Input, Wire
from backend.booking.publishing import Published
from backend.booking.rules import Audience
from backend.booking.rules_sessions import Setup, Zone
from backend.booking.tables_calendar import SessionTemplate
from backend.booking.templates import Series
from backend.course import plans
from backend.course.plans import Activity
from backend.errors import Invalid
from backend.i18n import N_

Place = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Tongue = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
Key = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[a-z0-9_]+$")]
Age = Annotated[int, msgspec.Meta(ge=15, le=100)]
# By the clock on the wall, to the minute, as browsers give it: no offset.
Wall = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:00)?$",
        examples=["2026-12-09T09:00"],
    ),
]
WallTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:00)?$", examples=["09:00"])]


class AudienceInput(Input):
    """For whom it is; what is left out does not matter. Ages are of its day."""

    age_from: Age | None = None
    age_below: Age | None = None
    newly_qualified: bool | None = None
    it_member: bool | None = None
    basic_it: bool | None = None


class SetupInput(Input):
    """How it is held. Without `branchId` it is the job team's, for the whole fund.

    Booking closes `closesHours` before. A joint talk has `leadMinutes` together, then `ownMinutes` for each member.
    """

    activity: Key
    form: Literal["personal", "phone", "video"]
    capacity: Annotated[int, msgspec.Meta(ge=1, le=200)]
    minutes: Annotated[int, msgspec.Meta(ge=10, le=600)]
    place: Place | None = None
    language: Tongue = "da"
    audience: AudienceInput | None = None
    branch_id: UUID | None = None
    staff_id: UUID | None = None
    partner_id: UUID | None = None
    lead_minutes: Annotated[int, msgspec.Meta(ge=0, le=120)] = 0
    own_minutes: Annotated[int, msgspec.Meta(ge=5, le=60)] | None = None
    closes_hours: Annotated[int, msgspec.Meta(ge=0, le=336)] = 24
    zone: Zone = "Europe/Copenhagen"


class SessionInput(SetupInput, kw_only=True):
    """A session at a time by the clock on the wall in its zone."""

    starts_at: Wall


class SeriesInput(SetupInput, kw_only=True):
    """Every so many weeks on the weekday of `firstOn`, at a time by the clock on the wall; days inclusive."""

    first_on: date
    last_on: date | None = None
    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=26)] = 1
    at: WallTime


class EventTypeView(Wire):
    """Something that can be held. `open`: in no plan, for whoever a session is for. `forms`: how it may be held now."""

    activity: str
    title_da: str
    title_en: str
    kind: str
    minutes: int | None
    seats_from: int | None
    seats_to: int | None
    talks: list[str]
    open: bool
    published: bool
    forms: list[str]


class StaffSessionView(Wire):
    """A session with its seats. `localStart` is its time by the clock on the wall in `zone`."""

    id: UUID
    activity: str
    title: str
    kind: str
    branch_id: UUID | None
    branch_name: str | None
    staff_id: UUID | None
    staff_name: str | None
    partner_id: UUID | None
    jobcentre: str | None
    partner_name: str | None
    template_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    local_start: str
    zone: str
    form: str
    place: str | None
    language: str
    audience: AudienceView
    capacity: int
    taken: int
    held: int
    offered: int
    waiting: int
    lead_minutes: int
    own_minutes: int | None
    closes_at: datetime
    state: str
    cancel_reason: str | None


class ExceptedDayView(Wire):
    """A day of a series that falls away, or is held at another time by the clock on the wall."""

    on: date
    moved_to: str | None


class SeriesView(Wire):
    """A series. `at` is by the clock on the wall in `zone`; `exceptions` are of today and later."""

    id: UUID
    activity: str
    title: str
    kind: str
    branch_id: UUID | None
    staff_id: UUID | None
    partner_id: UUID | None
    first_on: date
    last_on: date | None
    every_weeks: int
    at: str
    zone: str
    minutes: int
    form: str
    place: str | None
    language: str
    audience: AudienceView
    capacity: int
    lead_minutes: int
    own_minutes: int | None
    closes_hours: int
    exceptions: list[ExceptedDayView]


class PublishedView(Wire):
    """A series with how many sessions were published, and when its adviser has something else, by the wall clock."""

    id: UUID
    sessions: int
    conflicts: list[str]


class BookedView(Wire):
    """A session in which somebody has a seat."""

    session_id: UUID
    taken: int


def wall(given: str, field: str) -> datetime:
    """Raises Invalid for a day that the calendar lacks."""
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        raise Invalid(N_("This is not a date or time as the contract describes it."), field=field) from None


def setup(given: SetupInput) -> Setup:
    same = {name: getattr(given, name) for name in Setup.__dataclass_fields__ if name != "audience"}
    audience = {} if given.audience is None else msgspec.structs.asdict(given.audience)
    return Setup(**same, audience=Audience(**audience))


def series(given: SeriesInput) -> Series:
    return Series(given.first_on, given.last_on, given.every_weeks, time.fromisoformat(given.at))


def event_type(key: str, activity: Activity, forms: frozenset[str], *, published: bool) -> EventTypeView:
    low, high = activity.group_size or (None, None)
    return EventTypeView(
        activity=key,
        title_da=activity.da,
        title_en=activity.en,
        kind=activity.kind,
        minutes=activity.minutes,
        seats_from=low,
        seats_to=high,
        talks=list(activity.talks),
        open=activity.open,
        published=published,
        forms=sorted(forms),
    )


def session_view(language: str, set_name: str, row: Row[Any]) -> StaffSessionView:
    made = {"title", "audience", "local_start"}
    same = {name: getattr(row, name) for name in StaffSessionView.__struct_fields__ if name not in made}
    return StaffSessionView(
        **same,
        title=plans.title(set_name, row.activity, language),
        audience=_audience(row.audience),
        local_start=row.local_start.isoformat(),
    )


def series_view(
    language: str, set_name: str, row: SessionTemplate, exceptions: Sequence[tuple[date, datetime | None]]
) -> SeriesView:
    made = {"title", "audience", "at", "exceptions"}
    same = {name: getattr(row, name) for name in SeriesView.__struct_fields__ if name not in made}
    return SeriesView(
        **same,
        title=plans.title(set_name, row.activity, language),
        audience=_audience(row.audience),
        at=row.at.isoformat("minutes"),
        exceptions=[
            ExceptedDayView(on=day, moved_to=moved.isoformat(timespec="minutes") if moved else None)
            for day, moved in exceptions
        ],
    )


def published(template_id: UUID, found: Published) -> PublishedView:
    conflicts = [at.isoformat() for at in found.conflicts]
    return PublishedView(id=template_id, sessions=len(found.sessions), conflicts=conflicts)


def _audience(stored: dict[str, Any]) -> AudienceView:
    return AudienceView(**asdict(msgspec.convert(stored, Audience)))
