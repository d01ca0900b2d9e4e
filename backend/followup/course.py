"""What follows when a spell or its plan changed: bookings, last days, timeline, messages. And what staff decide of it.

Whoever changes items leaves the spell unsettled; `settle_many` does the rest, at once for what staff do, by a job for
an import. Whoever plans takes the member's booking lock first: see booking/locks.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import locks, pauses
from backend.clock import local_date
from backend.course import extensions, planning, registration
from backend.course.planning import Form
from backend.course.replanning import Replanned
from backend.course.spells import Started
from backend.followup import booking_items, bookings
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

PLAN = "course_plan"
# Who is welcomed: those whose spell has just begun, and not those whom a first import brings along.
WELCOMED_WITHIN = timedelta(days=7)

UNSETTLED = text("""
    SELECT id, member_id, started_on, ended_on FROM spell
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND unsettled ORDER BY id FOR UPDATE
""")
# Cancelled items that still have a booking to come or a deadline.
LEFT_OVER = text("""
    SELECT o.id, o.ended_reason FROM obligation AS o
    WHERE o.spell_id = ANY(CAST(:spells AS uuid[])) AND o.state = 'cancelled'
      AND (EXISTS (SELECT FROM booking_obligation AS l JOIN booking AS b ON b.id = l.booking_id
                   WHERE l.obligation_id = o.id AND b.state IN ('held', 'booked'))
           OR EXISTS (SELECT FROM booking_deadline AS d WHERE d.obligation_id = o.id AND d.state = 'open'))
""")
UNTOLD = text("""
    WITH told AS (
        UPDATE spell_plan AS p SET told_at = :now
        FROM spell AS s WHERE s.id = p.spell_id AND s.id = ANY(CAST(:spells AS uuid[]))
          AND p.told_at IS NULL AND p.ended_at IS NULL
        RETURNING p.id, p.spell_id, p.reason)
    SELECT t.id, t.spell_id, t.reason,
        NOT EXISTS (SELECT FROM spell_plan AS e WHERE e.spell_id = t.spell_id AND e.id <> t.id) AS first
    FROM told AS t
""")
PLAN_SET = text("""
    SELECT p.plan_set FROM spell_plan AS p JOIN spell AS s ON s.id = p.spell_id
    WHERE s.member_id = :member ORDER BY s.started_on DESC, p.set_at DESC LIMIT 1
""")
SETTLED = text("UPDATE spell SET unsettled = false WHERE id = ANY(CAST(:spells AS uuid[]))")


async def start_spell(
    session: AsyncSession, member_id: UUID, *, started_on: date, set_name: str, now: datetime
) -> Started:
    """Register the member as unemployed from a day, with plan and items. Raises StartOutOfReach, SpellExists."""
    await locks.member(session, member_id)
    started = await registration.start(session, member_id, started_on=started_on, set_name=set_name, now=now)
    await settle_many(session, [member_id], set_name=set_name, now=now)
    return started


async def end_spell(session: AsyncSession, member_id: UUID, *, ended_on: date, set_name: str, now: datetime) -> None:
    """The member is no longer unemployed after that day: what lay ahead is cancelled. Raises NoSpell."""
    await locks.member(session, member_id)
    await registration.end(session, member_id, ended_on=ended_on, now=now)
    await settle_many(session, [member_id], set_name=set_name, now=now)


async def clarify(
    session: AsyncSession, member_id: UUID, form: Form, *, staff_id: UUID, set_name: str, now: datetime
) -> Replanned | None:
    """The adviser's judgement after the CV talk, and the plan that follows from it. Raises as planning.clarify."""
    await locks.member(session, member_id)
    done = await planning.clarify(session, member_id, form, staff_id=staff_id, now=now)
    await settle_many(session, [member_id], set_name=set_name, now=now)
    return done


async def choose_plan(
    session: AsyncSession, member_id: UUID, plan: str, *, reason: str, staff_id: UUID, set_name: str, now: datetime
) -> Replanned:
    """A plan by hand. Raises as planning.choose_plan."""
    await locks.member(session, member_id)
    done = await planning.choose_plan(session, member_id, plan, reason=reason, staff_id=staff_id, now=now)
    await settle_many(session, [member_id], set_name=set_name, now=now)
    return done


async def decide_extension(
    session: AsyncSession, member_id: UUID, obligation_id: UUID, *, granted: bool, set_name: str, now: datetime
) -> date:
    """The answer to a later last day of a statutory talk; the day that holds. Raises NothingProposed."""
    due_on = await extensions.decide(session, obligation_id, member_id, granted=granted)
    await booking_items.show_course(session, [member_id], set_name=set_name, now=now)
    return due_on


async def follow_exemption(session: AsyncSession, member_id: UUID, *, now: datetime) -> None:
    """Last days and booking deadlines follow an exemption that was given, changed or taken back."""
    extended = await extensions.extend_many(session, [member_id], now=now)
    paused = await pauses.follow_exemptions(session, [member_id], now=now)
    if paused:
        await bookings.close_rings(session, [member_id], now=now)
    if extended or paused:
        set_name = await session.scalar(PLAN_SET, {"member": member_id})
        await booking_items.show_course(session, [member_id], set_name=set_name, now=now)


async def settle_many(session: AsyncSession, member_ids: Sequence[UUID], *, set_name: str, now: datetime) -> int:
    """Do what follows from changed spells; how many there were. Repeated, it does nothing."""
    spells = (await session.execute(UNSETTLED, {"members": list(member_ids)})).all()
    if not spells:
        return 0
    ids, members = [spell.id for spell in spells], list({spell.member_id for spell in spells})
    await _withdraw(session, ids, set_name, now)
    await extensions.extend_many(session, members, now=now)
    await booking_items.show_course(session, members, set_name=set_name, now=now)
    await _tell(session, spells, now)
    await session.execute(SETTLED, {"spells": ids})
    return len(spells)


async def _withdraw(session: AsyncSession, spells: Sequence[UUID], set_name: str, now: datetime) -> None:
    """Bookings and deadlines of cancelled items end, without fault of the member."""
    by_reason: defaultdict[str, list[UUID]] = defaultdict(list)
    for item_id, reason in await session.execute(LEFT_OVER, {"spells": list(spells)}):
        by_reason[reason].append(item_id)
    for reason, items in by_reason.items():
        await bookings.items_ended(session, items, reason=reason, by=None, set_name=set_name, now=now)


async def _tell(session: AsyncSession, spells: Sequence[Row[Any]], now: datetime) -> None:
    by_id = {spell.id: spell for spell in spells}
    given = (await session.execute(UNTOLD, {"spells": list(by_id), "now": now})).all()
    running = [plan for plan in given if by_id[plan.spell_id].ended_on is None]
    items = [_planned(by_id[plan.spell_id].member_id, plan, now) for plan in running]
    items += [_ended(spell, now) for spell in spells if spell.ended_on is not None]
    await timeline.add(session, items, now=now)
    messages = [one for plan in running if (one := _message(by_id[plan.spell_id], plan, now)) is not None]
    await notifications.send(session, messages, now=now)


def _planned(member_id: UUID, plan: Row[Any], now: datetime) -> NewItem:
    params = {"state": "" if plan.first else "changed", "reason": plan.reason}
    return NewItem(member_id, PLAN, str(plan.id), now, params=params)


def _ended(spell: Row[Any], now: datetime) -> NewItem:
    return NewItem(spell.member_id, PLAN, f"end:{spell.id}", now, params={"state": "ended"})


def _message(spell: Row[Any], plan: Row[Any], now: datetime) -> NewMessage | None:
    """A welcome for a new spell, a notice for another plan."""
    cause = {"spell": str(spell.id)}
    if not plan.first:
        return NewMessage(spell.member_id, "N01.changed", str(plan.id), cause=cause)
    new = spell.started_on >= local_date(now) - WELCOMED_WITHIN
    return NewMessage(spell.member_id, "N01", str(spell.id), cause=cause) if new else None
