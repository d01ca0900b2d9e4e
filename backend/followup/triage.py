"""Whom to help first: the list of members by what is owed to them, and the deadlines that it is sorted by."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import REAL
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.booking.tables import ActivitySession, Booking
from backend.casework.tables import CALL_IN_OPEN, CALL_OPEN, CallIn, Dispute, ServiceCall
from backend.casework.tables_tasks import TASK_OPEN, Task
from backend.clock import local_date
from backend.members import access, names
from backend.members.identity import StaffIdentity
from backend.members.tables import Branch, Member, Staff
from backend.rating.tables import RatingCurrent

TALKS = ("talk", "joint_talk")
# Letters from which the index of names (by three letters) finds anything; fewer fit so many that the list finds them.
INDEXED = 3
URGENCY = {"red": 0, "yellow": 1, "none": 2, "green": 3, "paused": 4}

# A call that waits for an exemption to end is owed to nobody yet. An approved call-in is due on the day of the talk.
REFRESH = text("""
    UPDATE rating_current AS c SET deadline = d.deadline
    FROM (SELECT o.member_id, coalesce(min(o.due_on), 'infinity') AS deadline
          FROM (SELECT m.member_id, NULL::date AS due_on FROM unnest(CAST(:members AS uuid[])) AS m (member_id)
                UNION ALL SELECT member_id, due_on FROM service_call
                WHERE member_id = ANY(CAST(:members AS uuid[])) AND state IN ('open', 'claimed')
                UNION ALL SELECT member_id, due_on FROM call_in
                WHERE member_id = ANY(CAST(:members AS uuid[])) AND state IN ('proposed', 'approved')
                UNION ALL SELECT member_id, due_on FROM dispute
                WHERE member_id = ANY(CAST(:members AS uuid[])) AND state = 'open') AS o
          GROUP BY o.member_id) AS d
    WHERE c.member_id = d.member_id AND c.deadline <> d.deadline
""")


async def refresh_deadlines(session: AsyncSession, member_ids: Sequence[UUID]) -> None:
    """Bring `rating_current.deadline` in line with the members' open calls, call-ins and disputes. One statement."""
    if member_ids:
        await session.execute(REFRESH, {"members": list(member_ids)})


class Filters(NamedTuple):
    """What to narrow the list to; None or empty means all. `search` is a name's part or the start of a number."""

    branch_id: UUID | None = None
    adviser_id: UUID | None = None
    colours: Sequence[str] = ()
    search: str = ""


class Position(NamedTuple):
    """Where a page ended: the list's sort key."""

    deadline: date
    urgency: int
    trend: float
    since: date
    member_id: UUID


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A member in the list. `deadline` is None when nothing is owed; `ratios` are weekly per cents, newest last.

    `next_talk_at` is the start of the next talk booked or called in to, `next_talk` its activity (None: a call-in).
    `tasks` are open, the first of them due on `task_due_on`.
    """

    member_id: UUID
    member_no: str
    name: str
    branch_name: str
    adviser_name: str | None
    colour: str
    reasons: list[str]
    counted: int
    required: int
    ratios: list[int]
    trend: float
    since: date
    deadline: date | None
    urgency: int
    call_id: UUID | None
    call_state: str | None
    call_in_id: UUID | None
    call_in_state: str | None
    flagged: bool
    dispute_id: UUID | None
    next_talk_at: datetime | None
    next_talk: str | None
    tasks: int
    task_due_on: date | None

    @property
    def position(self) -> Position:
        return Position(self.deadline or date.max, self.urgency, self.trend, self.since, self.member_id)


_KEY = (
    RatingCurrent.deadline,
    RatingCurrent.urgency,
    RatingCurrent.trend,
    RatingCurrent.since,
    RatingCurrent.member_id,
)


async def page(
    session: AsyncSession, staff: StaffIdentity, filters: Filters, *, after: Position | None, limit: int, now: datetime
) -> list[Row]:
    """Up to `limit` members in the sight of this person, worst first: deadline, colour, trend, days waiting.

    One query, whatever the number of rows. Keyset paging: `after` is the position of the last row seen.
    """
    rows = await session.execute(_with_cases(_page(staff, filters, after, limit, local_date(now)), now))
    return [_row(dict(row)) for row in rows.mappings()]


def _row(found: dict[str, object]) -> Row:
    if found["deadline"] == date.max:
        found["deadline"] = None
    found["flagged"] = found.pop("flagged_at") is not None
    return msgspec.convert(found, Row)


def _page(staff: StaffIdentity, filters: Filters, after: Position | None, limit: int, today: date) -> Select[UUID]:
    """The members of the page alone; their cases are joined afterwards, so that others cost nothing."""
    statement = (
        select(RatingCurrent.member_id.label("member_id"))
        .join(Member, Member.id == RatingCurrent.member_id)
        .where(access.visible(staff, today), *_filtered(filters))
        .order_by(*_KEY)
        .limit(limit)
    )
    wanted = names.search_key(filters.search)
    if len(wanted) >= INDEXED:
        found = _found(wanted)
        statement = statement.join(found, found.c.id == RatingCurrent.member_id)
    elif wanted:
        statement = statement.where(_matches(wanted))
    return statement if after is None else statement.where(_beyond(after))


def _filtered(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.branch_id:
        wanted.append(Member.branch_id == filters.branch_id)
    if filters.adviser_id:
        wanted.append(Member.adviser_id == filters.adviser_id)
    if filters.colours:
        # By its rank, which the list's index holds: rows of other colours are passed over without reading them.
        wanted.append(RatingCurrent.urgency.in_([URGENCY[colour] for colour in filters.colours]))
    return wanted


def _found(wanted: str) -> CTE:
    """Whom a search names. Found first, by the index of names: the list's own order would read most of the fund."""
    return select(Member.id).where(_matches(wanted)).cte("found").prefix_with("MATERIALIZED")


def _matches(wanted: str) -> ColumnElement[bool]:
    if wanted.isdecimal() and wanted.isascii():
        return _numbered_from(wanted)
    return Member.search_key.contains(wanted, autoescape=True)


def _numbered_from(start: str) -> ColumnElement[bool]:
    """Numbers that begin so, as a range: LIKE would leave the index aside unless the database sorts by bytes."""
    after = str(int(start) + 1).zfill(len(start))
    whole = Member.member_no >= start
    return and_(whole, Member.member_no < after) if len(after) == len(start) else whole


def _beyond(after: Position) -> ColumnElement[bool]:
    # The trend is a four-byte number: compared as such, else a row would follow itself.
    values: list[ColumnElement[Any]] = [literal(value) for value in after]
    values[2] = cast(literal(after.trend), REAL)
    return tuple_(*_KEY) > tuple_(*values)


def _with_cases(page_of: Select[UUID], now: datetime) -> Select[*tuple[Any, ...]]:
    chosen = page_of.cte("page")
    talk, task = _next_talk(chosen, now), _open_tasks(chosen)
    adviser = aliased(Staff)
    current = RatingCurrent
    return (
        select(
            current.member_id, Member.member_no, Member.name, Branch.name.label("branch_name"),
            adviser.name.label("adviser_name"), current.colour, current.reasons, current.counted, current.required,
            current.ratios, current.trend, current.since, current.deadline, current.urgency,
            ServiceCall.id.label("call_id"), ServiceCall.state.label("call_state"),
            CallIn.id.label("call_in_id"), CallIn.state.label("call_in_state"), CallIn.flagged_at,
            Dispute.id.label("dispute_id"), talk.c.next_talk_at, talk.c.next_talk, task.c.tasks, task.c.task_due_on,
        )
        .select_from(chosen)
        .join(current, current.member_id == chosen.c.member_id)
        .join(Member, Member.id == chosen.c.member_id)
        .join(Branch, Branch.id == Member.branch_id)
        .outerjoin(adviser, adviser.id == Member.adviser_id)
        .outerjoin(ServiceCall, and_(ServiceCall.member_id == Member.id, ServiceCall.state.in_(CALL_OPEN)))
        .outerjoin(CallIn, and_(CallIn.member_id == Member.id, CallIn.state.in_(CALL_IN_OPEN)))
        .outerjoin(Dispute, and_(Dispute.member_id == Member.id, Dispute.state == "open"))
        .outerjoin(talk, true())
        .join(task, true())
        .order_by(*_KEY)
    )  # fmt: skip


def _next_talk(chosen: FromClause, now: datetime) -> FromClause:
    """The soonest talk of each member of the page that is not over: booked, or called in to."""
    booked = (
        select(ActivitySession.starts_at.label("next_talk_at"), ActivitySession.activity.label("next_talk"))
        .join(Booking, Booking.session_id == ActivitySession.id)
        .where(
            Booking.member_id == chosen.c.member_id,
            Booking.state == "booked",
            ActivitySession.kind.in_(TALKS),
            ActivitySession.ends_at > now,
        )
        .correlate(chosen)
    )
    of = aliased(CallIn)
    called = (
        select(of.talk_at, cast(None, Text))
        .where(of.member_id == chosen.c.member_id, of.state == "approved", of.talk_at > now)
        .correlate(chosen)
    )
    return booked.union_all(called).order_by("next_talk_at").limit(1).lateral("talk")


def _open_tasks(chosen: FromClause) -> FromClause:
    counted = select(func.count().label("tasks"), func.min(Task.due_on).label("task_due_on"))
    return counted.where(Task.member_id == chosen.c.member_id, Task.state.in_(TASK_OPEN)).lateral("task")
