"""Who was there: the list of a session, one member's booking, reasons in words, and what was noted before."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.given import Colleague, Configured, Language, Now, Session
from backend.api.staff_view import ReasonView
from backend.api.wire import Input, Wire
from backend.booking import reading
from backend.course import plans
from backend.followup import talk_attendance
from backend.members.identity import StaffIdentity
from backend.talks import attendance, rules, texts
from backend.talks.attendance import Listed, Lists
from backend.talks.rules import AbsenceReason, Mark


class MarkInput(Input):
    """`reason` is needed of who was not there."""

    attended: bool
    reason: AbsenceReason | None = None


class ListedInput(Input):
    booking_id: UUID
    attended: bool
    reason: AbsenceReason | None = None


class ListInput(Input):
    marks: Annotated[list[ListedInput], msgspec.Meta(min_length=1, max_length=500)]


class AbsenceReasonView(Wire):
    """`lawful`: who is absent for this reason loses nothing by it."""

    code: str
    text: str
    lawful: bool


class ChangeView(Wire):
    """What was noted when by whom; `lawful` and `reason` of an absence."""

    at: datetime
    event: str
    staff_name: str | None
    reason: ReasonView | None
    lawful: bool | None


class AttendanceView(Wire):
    """`state` is booked until somebody says who was there; then attended or absent. `changes`, the first first."""

    booking_id: UUID
    state: str
    changes: list[ChangeView]


class RosterRowView(Wire):
    """A member on the list; `ownAt` is their turn in a joint talk."""

    booking_id: UUID
    member_no: str
    name: str
    state: str
    reason: ReasonView | None
    lawful: bool | None
    own_at: datetime | None


class RosterView(Wire):
    session_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    rows: list[RosterRowView]


@get("/v1/staff/absence-reasons", operation_id="listAbsenceReasons", tags=["attendance"])
async def list_reasons(language: Language) -> list[AbsenceReasonView]:
    """Why members stay away, and which of the reasons are lawful."""
    return [
        AbsenceReasonView(code=one, text=texts.absence(language, one), lawful=rules.lawful(one))
        for one in rules.ABSENCE_REASONS
    ]


@get("/v1/staff/sessions/{session_id:uuid}/roster", operation_id="getRoster", tags=["attendance"])
async def get_roster(
    session: Session, staff: Colleague, language: Language, settings: Configured, session_id: FromPath[UUID]
) -> RosterView:
    """Who has a seat, for whoever holds the session or organises it."""
    return await _roster(session, staff, session_id, language, settings.course_plan_set)


@put("/v1/staff/sessions/{session_id:uuid}/attendance", operation_id="noteAttendance", tags=["attendance"])
async def note_list(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    session_id: FromPath[UUID], data: JSONBody[ListInput],
) -> RosterView:  # fmt: skip
    """Note a whole list at once, or put some of it right: all of it or nothing."""
    await attendance.listed(session, session_id, _lists(staff))
    marks = [Mark(one.booking_id, one.attended, one.reason) for one in data.marks]
    await attendance.check_on_list(session, session_id, marks)
    set_name = settings.course_plan_set
    await talk_attendance.register(session, marks, by=staff.id, set_name=set_name, now=now)
    return await _roster(session, staff, session_id, language, set_name)


@put(
    "/v1/staff/members/{member_id:uuid}/bookings/{booking_id:uuid}/attendance",
    operation_id="noteAttendanceOf",
    tags=["attendance"],
)
async def note_one(
    session: Session, staff: Colleague, now: Now, language: Language, settings: Configured,
    member_id: FromPath[UUID], booking_id: FromPath[UUID], data: JSONBody[MarkInput],
) -> AttendanceView:  # fmt: skip
    """Note whether a member came, or put it right. Who stays away unlawfully is told and rung the same day."""
    await reading.booking(session, member_id, booking_id)
    marks = [Mark(booking_id, data.attended, data.reason)]
    await talk_attendance.register(session, marks, by=staff.id, set_name=settings.course_plan_set, now=now)
    return await _attendance(session, member_id, booking_id, language)


@get(
    "/v1/staff/members/{member_id:uuid}/bookings/{booking_id:uuid}/attendance",
    operation_id="getAttendance",
    tags=["attendance"],
)
async def get_one(
    session: Session, language: Language, member_id: FromPath[UUID], booking_id: FromPath[UUID]
) -> AttendanceView:
    """Whether a member came, with everything that was ever noted of it."""
    return await _attendance(session, member_id, booking_id, language)


async def _attendance(session: AsyncSession, member_id: UUID, booking_id: UUID, language: str) -> AttendanceView:
    booking = await reading.booking(session, member_id, booking_id)
    trail = await attendance.trail(session, booking_id)
    changes = [
        ChangeView(
            at=one.at, event=one.event, staff_name=one.staff_name, lawful=one.detail.get("lawful"),
            reason=_reason(language, one.detail.get("reason")),
        )
        for one in trail
    ]  # fmt: skip
    return AttendanceView(booking_id=booking_id, state=booking.state, changes=changes)


async def _roster(
    session: AsyncSession, staff: StaffIdentity, session_id: UUID, language: str, set_name: str
) -> RosterView:
    event = await attendance.listed(session, session_id, _lists(staff))
    rows = [_row(language, one) for one in await attendance.roster(session, session_id)]
    title = plans.title(set_name, event.activity, language)
    return RosterView(session_id=event.id, title=title, starts_at=event.starts_at, ends_at=event.ends_at, rows=rows)


def _row(language: str, one: Listed) -> RosterRowView:
    told = {"reason"}
    same = {name: getattr(one, name) for name in RosterRowView.__struct_fields__ if name not in told}
    return RosterRowView(**same, reason=_reason(language, one.reason))


def _reason(language: str, code: Any) -> ReasonView | None:
    return ReasonView(code=cast(str, code), text=texts.absence(language, code)) if code else None


def _lists(staff: StaffIdentity) -> Lists:
    branch = staff.branch_id if "adviser" in staff.roles else None
    return Lists(staff.id, "coordinator" in staff.roles, "organiser" in staff.roles, branch)


HANDLERS = (list_reasons, get_roster, note_list, note_one, get_one)
