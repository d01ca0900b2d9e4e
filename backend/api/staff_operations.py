"""The running of the house: jobs expected against actual, deliveries by channel, and who looked at whom."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import door, wire
from backend.api.given import Language, Now, Session
from backend.api.wire import Input, Page, Wire
from backend.i18n import text
from backend.members import access_search
from backend.members.access_search import Place, Wanted
from backend.notifications import delivery_counts

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z-]+$")]
At = Annotated[str, msgspec.Meta(max_length=400)]


class Run(Protocol):
    """The latest run of a job, as the timetable's room tells of it."""

    @property
    def scheduled_for(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def batches(self) -> int: ...
    @property
    def batches_done(self) -> int: ...
    @property
    def left_out(self) -> int: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def errors(self) -> Sequence[str]: ...


class Standing(Protocol):
    """A job of the timetable; `about` is an English msgid."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def next_at(self) -> datetime | None: ...
    @property
    def late(self) -> timedelta: ...
    @property
    def missing(self) -> Sequence[datetime]: ...
    @property
    def last(self) -> Run | None: ...


# The timetable's room is this one's neighbour: whoever starts the process hands it in.
Jobs = Callable[[AsyncSession, datetime], Awaitable[Sequence[Standing]]]


class RunView(Wire):
    """A run. `leftOut`: members that could not be done and are tried again next time; `errors`: codes, not texts."""

    scheduled_for: datetime
    state: str
    started_at: datetime
    finished_at: datetime | None
    batches: int
    batches_done: int
    left_out: int
    counts: dict[str, int]
    errors: list[str]


class JobView(Wire):
    """A job: its next run, the latest, those of the last day that nobody began, and how late it is in seconds."""

    name: str
    about: str
    next_at: datetime | None
    late_seconds: int
    missing: list[datetime]
    last: RunView | None


class CountView(Wire):
    """Deliveries on a channel: due, late or being sent now; or how they ended within a day."""

    channel: str
    state: str
    deliveries: int


class AccessInput(Input):
    """Which lines of the access log: all of it without any of these. A POST: no number stands in an address."""

    staff_no: Number | None = None
    member_no: Number | None = None
    day: date | None = None
    cursor: At | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class AccessView(Wire):
    """Somebody of the staff read or wrote data of a member (none: of the members of a list)."""

    at: datetime
    staff_no: str
    staff: str
    member_no: str | None
    member: str | None
    action: str
    operation: str


@get("/v1/staff/operations/jobs", operation_id="listJobs", tags=["operations"])
async def list_jobs(request: Request[Any, Any, Any], session: Session, language: Language, now: Now) -> list[JobView]:
    """Jobs expected against actual."""
    standing: Jobs | None = request.app.state["jobs"]
    return [_job(language, one) for one in await standing(session, now)] if standing else []


@get("/v1/staff/operations/deliveries", operation_id="getDeliveryFigures", tags=["operations"])
async def delivery_figures(session: Session, now: Now) -> list[CountView]:
    """What waits to be sent, and what became of the last day's deliveries."""
    return [CountView(**one._asdict()) for one in await delivery_counts.by_channel(session, now=now)]


@post("/v1/staff/access-log/search", operation_id="searchAccessLog", tags=["operations"], status_code=200)
async def search_access_log(
    request: Request[Any, Any, Any], session: Session, data: JSONBody[AccessInput]
) -> Page[AccessView]:
    """Who of the staff looked at whom, the latest first. The search itself is logged, with the member it is about."""
    place = Place(*wire.position(data.cursor, tuple[datetime, UUID])) if data.cursor else None
    wanted = Wanted(staff_no=data.staff_no, member_no=data.member_no, day=data.day)
    found = await access_search.page(session, wanted, after=place, limit=data.limit + 1)
    member_id = await access_search.member_of(session, data.member_no) if data.member_no else None
    if member_id:
        door.concerns(request.scope, member_id)
    more = wire.cursor(found[data.limit - 1].at, found[data.limit - 1].id) if len(found) > data.limit else None
    return Page(items=[_line(row) for row in found[: data.limit]], next=more)


def _job(language: str, one: Standing) -> JobView:
    return JobView(
        name=one.name,
        about=text(language, one.about),
        next_at=one.next_at,
        late_seconds=int(one.late.total_seconds()),
        missing=list(one.missing),
        last=_run(one.last) if one.last else None,
    )


def _run(last: Run) -> RunView:
    same = ("scheduled_for", "state", "started_at", "finished_at", "batches", "batches_done", "left_out")
    found = {name: getattr(last, name) for name in same}
    return RunView(**found, counts=dict(last.counts), errors=list(last.errors))


def _line(row: Row[Any]) -> AccessView:
    return AccessView(**{name: getattr(row, name) for name in AccessView.__struct_fields__})


HANDLERS = (list_jobs, delivery_figures, search_access_log)
