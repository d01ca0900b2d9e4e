"""Places for pushes, in the database: two workers at once cannot give a member more than the caps allow."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.clock import local_date
from backend.db.types import new_id
from backend.delivery import addresses
from backend.notifications import ladder, rules_slots, sending
from backend.notifications.catalogue import BY_ID
from backend.notifications.claimed import Claimed
from backend.notifications.outcomes import Again, Final
from backend.notifications.policy import LONGEST_LOOK, Policy
from backend.notifications.rules_slots import CAPPED, SUPERSEDED, Grant, Plan, Slot, Wish

# Another worker took the place meanwhile: look again when it has committed.
RACE, RACE_WAIT = "SLOT_RACE", timedelta(seconds=3)


@dataclass(slots=True)
class Given:
    """What becomes of claimed rows: those that `go` now, those that have `ended`, and those to come back later."""

    go: list[Claimed] = field(default_factory=list)
    ended: list[Final] = field(default_factory=list)
    again: list[Again] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Settled:
    """The plan, and what the database made of it: the grants it took, the messages it announced elsewhere.

    `things`: how many messages the push of each would tell of.
    """

    plan: Plan
    taken: Mapping[UUID, Grant]
    reached: AbstractSet[UUID]
    things: Mapping[UUID, int]

    bundled: AbstractSet[UUID]


async def give(session: AsyncSession, rows: Sequence[Claimed], *, now: datetime, policy: Policy) -> Given:
    """Give each push its place, in at most eight statements.

    A legal notice that finds no place is announced on the next channel at once; other messages wait, or are told of in
    another's push.
    """
    given = Given(ended=[Final(row.id, "bundled") for row in rows if row.carrier_id])
    counted = [row for row in rows if not row.carrier_id and _is_counted(row)]
    given.go = [row for row in rows if not row.carrier_id and not _is_counted(row)]
    if not counted:
        return given
    today = local_date(now)
    slots = await _slots(session, counted, today)
    placed = await _still_placed(session, slots, counted, today)
    given.go += [row for row in counted if row.message_id in placed]
    asking = [row for row in counted if row.message_id not in placed]
    others = [slot for slot in slots if slot.message_id in placed or slot.message_id not in _ids(counted)]
    told = await ladder.colour_told(session, [row for row in asking if BY_ID[row.key].smiley], today=today)
    plan = rules_slots.share_out(_wishes(asking), others, today, policy, told)
    things = {row.message_id: row.things for row in asking}
    taken = await _take(session, plan.grants, today)
    settled = _Settled(plan, taken, await _elsewhere(session, plan.elsewhere, now), things, _told(taken))
    for row in asking:
        _settle(given, row, settled, now)
    await _hasten(session, given, asking, now)
    return given


async def give_back(session: AsyncSession, messages: Sequence[UUID], *, now: datetime) -> None:
    """Of pushes that ended unsent on every phone: the place is free again, and what they told of goes on its own."""
    if messages:
        await session.execute(_LOCK, {"messages": list(messages)})
        await session.execute(_GIVE_BACK, {"messages": list(messages), "now": now})


def _is_counted(row: Claimed) -> bool:
    return row.channel == "push" and BY_ID[row.key].capped


def _ids(rows: Iterable[Claimed]) -> set[UUID]:
    return {row.message_id for row in rows}


async def _slots(session: AsyncSession, rows: Sequence[Claimed], today: date) -> list[Slot]:
    values = {"members": list({row.member_id for row in rows}), "since": today - LONGEST_LOOK}
    return [Slot(**row) for row in (await session.execute(_SLOTS, values)).mappings()]


async def _still_placed(
    session: AsyncSession, slots: Sequence[Slot], rows: Sequence[Claimed], today: date
) -> set[UUID]:
    """The messages among the rows that have a place. One of an earlier day is given up unless a phone has had it."""
    own = [slot for slot in slots if slot.message_id in _ids(rows)]
    old = sorted(slot.message_id for slot in own if slot.day != today)
    if not old:
        return {slot.message_id for slot in own}
    await session.execute(_LOCK, {"messages": old})
    given_up = set(await session.scalars(_GIVE_UP, {"messages": old}))
    return {slot.message_id for slot in own} - given_up


def _wishes(rows: Sequence[Claimed]) -> list[Wish]:
    phones = Counter(row.message_id for row in rows)
    first = {row.message_id: row for row in reversed(rows)}
    return [
        Wish(
            message_id=row.message_id,
            member_id=row.member_id,
            klass=BY_ID[row.key].klass,
            valid_until=row.valid_until,
            phones=phones[row.message_id],
            smiley=BY_ID[row.key].smiley,
            waited=row.last_error == CAPPED,
        )
        for row in first.values()
    ]


async def _take(session: AsyncSession, grants: Sequence[Grant], today: date) -> dict[UUID, Grant]:
    """The grants that the database took, by message. Sorted, so that two workers wait for each other in one order."""
    if not grants:
        return {}
    ordered = sorted(grants, key=lambda one: (one.member_id, one.day_slot))
    values = {
        "messages": [one.message_id for one in ordered],
        "members": [one.member_id for one in ordered],
        "day_slots": [one.day_slot for one in ordered],
        "week_slots": [one.week_slot for one in ordered],
        "smileys": [one.smiley for one in ordered],
        "day": today,
        "week": calendar.monday(today),
    }
    stored = set(await session.scalars(_TAKE, values))
    taken = {one.message_id: one for one in ordered if one.message_id in stored}
    await _bundle(session, taken)
    return taken


async def _bundle(session: AsyncSession, taken: Mapping[UUID, Grant]) -> None:
    pairs = sorted((other, one.message_id) for one in taken.values() for other in one.others)
    if pairs:
        values = {"others": [other for other, _ in pairs], "carriers": [carrier for _, carrier in pairs]}
        await session.execute(_CARRY, values)


def _told(taken: Mapping[UUID, Grant]) -> set[UUID]:
    return {other for one in taken.values() for other in one.others}


async def _elsewhere(session: AsyncSession, messages: Sequence[UUID], now: datetime) -> set[UUID]:
    """Announce these messages by SMS, else by e-mail; which of them could be."""
    found = (await session.execute(_ADDRESSES, {"messages": list(messages)})).all() if messages else ()
    reached = {row.id: "sms" if addresses.phone(row.phone) else "email" for row in found if _has_address(row)}
    if not reached:
        return set()
    values = {"messages": list(reached), "channels": list(reached.values()), "ids": [new_id() for _ in reached]}
    await session.execute(_ELSEWHERE, values | {"now": now})
    return set(reached)


def _has_address(row: Row[Any]) -> bool:
    return bool(addresses.phone(row.phone) or addresses.email(row.email))


def _settle(given: Given, row: Claimed, settled: _Settled, now: datetime) -> None:
    plan, message = settled.plan, row.message_id
    if message in settled.taken:
        others = sum(settled.things[other] for other in settled.taken[message].others)
        given.go.append(replace(row, things=row.things + others) if others else row)
    elif message in settled.bundled:
        given.ended.append(Final(row.id, "bundled"))
    elif message in plan.superseded:
        given.ended.append(Final(row.id, "cancelled", SUPERSEDED))
    elif message in settled.reached:
        given.ended.append(Final(row.id, "cancelled", CAPPED))
    elif message in plan.held:
        _wait(given, row, *plan.held[message])
    elif message in plan.elsewhere:
        _wait(given, row, local_date(now) + calendar.DAY, CAPPED)
    else:
        given.again.append(Again(row.id, now + RACE_WAIT, RACE, unused=True))


def _wait(given: Given, row: Claimed, day: date, why: str) -> None:
    at = sending.morning_of(day, row.member_id, row.window)
    if at < row.valid_until:
        given.again.append(Again(row.id, at, why, unused=True))
    else:
        given.ended.append(Final(row.id, "expired", why))


async def _hasten(session: AsyncSession, given: Given, rows: Sequence[Claimed], now: datetime) -> None:
    """What will be of no use when it may be pushed again goes to its next step, if it has one, without waiting."""
    late = {one.id for one in given.ended if one.state == "expired"}
    await ladder.hasten(session, {row.message_id for row in rows if row.id in late}, now=now)


_SLOTS = text("""
SELECT message_id, member_id, day, day_slot, week_slot, smiley FROM push_slot
WHERE member_id = ANY(:members) AND day > :since
""")

_LOCK = text("SELECT FROM push_slot WHERE message_id = ANY(:messages) ORDER BY message_id FOR UPDATE")

_GIVE_UP = text("""
DELETE FROM push_slot s WHERE message_id = ANY(:messages) AND NOT EXISTS (
    SELECT FROM delivery_done d WHERE d.message_id = s.message_id AND d.channel = 'push' AND d.state = 'sent'
)
RETURNING message_id
""")

_TAKE = text("""
INSERT INTO push_slot (message_id, member_id, day, day_slot, week, week_slot, smiley)
SELECT g.message_id, g.member_id, :day, g.day_slot, :week, g.week_slot, g.smiley
FROM unnest(
    CAST(:messages AS uuid[]), CAST(:members AS uuid[]), CAST(:day_slots AS smallint[]),
    CAST(:week_slots AS smallint[]), CAST(:smileys AS boolean[])
) AS g (message_id, member_id, day_slot, week_slot, smiley)
ON CONFLICT DO NOTHING
RETURNING message_id
""")

# What the others told of goes along with them.
_CARRY = text("""
WITH pair AS (
    SELECT * FROM unnest(CAST(:others AS uuid[]), CAST(:carriers AS uuid[])) AS p (other, carrier)
), told AS (
    SELECT m.id, p.carrier FROM message m JOIN pair p ON p.other IN (m.id, m.carrier_id)
    ORDER BY m.id FOR NO KEY UPDATE OF m
)
UPDATE message m SET carrier_id = told.carrier FROM told WHERE m.id = told.id
""")

_ADDRESSES = text("""
SELECT m.id, member.phone, member.email FROM message m JOIN member ON member.id = m.member_id
WHERE m.id = ANY(:messages) ORDER BY m.id
""")

_ELSEWHERE = text("""
WITH target AS (
    SELECT m.id, m.member_id, m.valid_until, t.delivery_id, t.channel
    FROM unnest(CAST(:messages AS uuid[]), CAST(:ids AS uuid[]), CAST(:channels AS text[]))
        AS t (message_id, delivery_id, channel)
    JOIN message m ON m.id = t.message_id
), taken AS (
    INSERT INTO message_step (message_id, rung, reason, at)
    SELECT id, channel, 'not_delivered', :now FROM target
    ON CONFLICT DO NOTHING
    RETURNING message_id
), added AS (
    INSERT INTO delivery (id, message_id, member_id, channel, due_at, valid_until, created_at)
    SELECT delivery_id, id, member_id, channel, :now, valid_until, :now
    FROM target JOIN taken ON taken.message_id = target.id
    ON CONFLICT DO NOTHING
)
SELECT 1
""")

# After the lock, so that of two workers who end the last two phones of a message the second sees what the first did.
_GIVE_BACK = text("""
WITH over AS (
    SELECT m.id FROM unnest(CAST(:messages AS uuid[])) AS m (id)
    WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = m.id AND d.channel = 'push')
        AND NOT EXISTS (
            SELECT FROM delivery_done d WHERE d.message_id = m.id AND d.channel = 'push' AND d.state = 'sent'
        )
), freed AS (
    DELETE FROM push_slot s USING over WHERE s.message_id = over.id
), loose AS (
    UPDATE message m SET carrier_id = NULL FROM over WHERE m.carrier_id = over.id RETURNING m.id, m.valid_until
), back AS (
    DELETE FROM delivery_done d USING loose WHERE d.message_id = loose.id AND d.state = 'bundled'
    RETURNING d.id, d.message_id, d.member_id, d.device_id, loose.valid_until, d.created_at
)
INSERT INTO delivery (id, message_id, member_id, device_id, due_at, valid_until, created_at)
SELECT id, message_id, member_id, device_id, :now, valid_until, created_at FROM back
""")
