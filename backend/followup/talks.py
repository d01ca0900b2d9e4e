"""Closing a talk with all that follows: attendance, items of the course, message, timeline, tasks, the registry."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import locks
from backend.casework import tasks
from backend.casework.tasks import NewTask
from backend.clock import local_time
from backend.course.rules import Numbers
from backend.errors import NotFound
from backend.followup import booking_items, call_ins, cases, decisions, talk_attendance
from backend.followup.talk_attendance import TO_CLOSE_TASK
from backend.members.identity import StaffIdentity
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.talks import agreements, closing, minutes, registry, rules
from backend.talks.closing import Agreed
from backend.talks.errors import MemberAbsent
from backend.talks.rules import Mark
from backend.talks.tables import Agreement, Talk
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

MINUTES, AGREEMENT, TASK = "minutes", "agreement", "agreement"
EVENING = time(23, 59)
SUBJECT = text("""
    SELECT t.member_id, t.call_in_id, b.id AS booking_id, b.state AS booking_state, c.state AS call_in_state
    FROM talk AS t LEFT JOIN booking AS b ON b.id = t.booking_id LEFT JOIN call_in AS c ON c.id = t.call_in_id
    WHERE t.id = :talk
""")


class Fund(NamedTuple):
    """What a deployment has chosen: its set of course plans, and who rings for service calls."""

    set_name: str
    call_queue: str


class NewRequirement(NamedTuple):
    """Other numbers for the member's search that the talk agreed on, and from when."""

    numbers: Numbers
    valid_from: date


async def close(
    session: AsyncSession, talk_id: UUID, staff: StaffIdentity, *, version: int, requirement: NewRequirement | None,
    fund: Fund, now: datetime,
) -> None:  # fmt: skip
    """Close the minutes. The member was there, so it is noted where nobody did; the items it counts for are done.

    A held call-in starts the rating afresh. Raises NotFound, MemberAbsent, and as closing.close, attendance.register,
    call_ins.hold and decisions.set_requirement; whatever is raised, nothing was done.
    """
    talk = await _held(session, talk_id, staff.id, fund, now)
    agreed = await closing.close(session, talk, version=version, by=staff.id, now=now)
    if requirement is not None:
        await decisions.set_requirement(
            session, talk.member_id, staff, requirement.numbers, valid_from=requirement.valid_from, now=now,
            call_queue=fund.call_queue,
        )  # fmt: skip
    await tasks.close_many(session, TO_CLOSE_TASK, [str(talk.booking_id)], reason="closed", now=now)
    await _end_call_in(session, talk, staff, fund, now)
    await registry.note_held(session, talk_id, rules.STATUTORY, now=now)
    await _tell(session, talk, agreed, now)
    await booking_items.show_course(session, [talk.member_id], set_name=fund.set_name, now=now)


async def _held(session: AsyncSession, talk_id: UUID, by: UUID, fund: Fund, now: datetime) -> Talk:
    """The talk, locked after its member, and noted as attended."""
    row = (await session.execute(SUBJECT, {"talk": talk_id})).one_or_none()
    if row is None:
        raise NotFound
    await locks.member(session, row.member_id)
    await cases.hold_member(session, row.member_id)
    row = (await session.execute(SUBJECT, {"talk": talk_id})).one()
    if row.booking_state == "absent" or row.call_in_state == "no_show":
        raise MemberAbsent
    talk = await minutes.locked(session, talk_id)
    if row.booking_state == "booked" and talk.state == "draft":
        marks = [Mark(row.booking_id, attended=True)]
        await talk_attendance.register(session, marks, by=by, set_name=fund.set_name, now=now)
    return talk


async def _end_call_in(session: AsyncSession, talk: Talk, staff: StaffIdentity, fund: Fund, now: datetime) -> None:
    if talk.call_in_id is None:
        return
    state = (await session.execute(SUBJECT, {"talk": talk.id})).one().call_in_state
    if state == "approved":
        assert talk.held_on is not None, "checked when it was closed"
        await call_ins.hold(session, talk.call_in_id, staff, talk.held_on, now=now, call_queue=fund.call_queue)


async def _tell(session: AsyncSession, talk: Talk, agreed: Sequence[Agreed], now: datetime) -> None:
    """The member reads the minutes the same day; what was agreed lies before whoever is to do it."""
    member_id = talk.member_id
    await notifications.send(session, [NewMessage(member_id, "N23", str(talk.id))], now=now)
    own = [one for one in agreed if one.owner == "member"]
    items = [NewItem(member_id, MINUTES, str(talk.id), now, params={"held_on": talk.held_on})]
    items += [_item(member_id, one.id, one.what, one.due_on) for one in own]
    await timeline.add(session, items, now=now)
    theirs = [
        NewTask(member_id, TASK, str(one.id), one.due_on, {"talk": talk.id, "agreement": one.id}, one.staff_id)
        for one in agreed
        if one.owner == "staff"
    ]
    await tasks.open_many(session, theirs, now=now)


async def correct(session: AsyncSession, talk_id: UUID, correction: str, *, by: UUID, now: datetime) -> None:
    """Put something right beside closed minutes; the member is told that there is news. Raises as minutes.correct."""
    made = await minutes.correct(session, talk_id, correction, by=by, now=now)
    row = (await session.execute(SUBJECT, {"talk": talk_id})).one()
    await notifications.send(session, [NewMessage(row.member_id, "N23", f"{talk_id}:{made}")], now=now)


def _item(member_id: UUID, agreement_id: UUID, what: str, due_on: date) -> NewItem:
    at = local_time(due_on, EVENING)
    return NewItem(member_id, AGREEMENT, str(agreement_id), at, at, {"what": what}, needs_action=True)


async def tick(session: AsyncSession, agreement_id: UUID, member_id: UUID, *, now: datetime) -> Agreement:
    """The member has done what they promised. Raises as agreements.tick."""
    held = await agreements.tick(session, agreement_id, member_id, now=now)
    await timeline.done(session, member_id, AGREEMENT, str(agreement_id), now=now, params={"state": "done"})
    return held


async def untick(session: AsyncSession, agreement_id: UUID, member_id: UUID, *, now: datetime) -> Agreement:
    """The member ticked it off by mistake. Raises as agreements.untick."""
    held = await agreements.untick(session, agreement_id, member_id)
    await timeline.add(session, [_item(member_id, held.id, held.what, held.due_on)], now=now)
    return held


async def end_agreement(
    session: AsyncSession, agreement_id: UUID, outcome: agreements.Outcome, *, by: UUID, reason: str, now: datetime
) -> Agreement:
    """Staff end an agreement, with its task or the item on the timeline. Raises as agreements.end."""
    held = await agreements.end(session, agreement_id, outcome, by=by, reason=reason, now=now)
    if held.owner == "staff":
        await tasks.close_many(session, TASK, [str(held.id)], reason=outcome, now=now)
    else:
        params = {"state": outcome}
        await timeline.done(session, held.member_id, AGREEMENT, str(held.id), now=now, params=params)
    return held
