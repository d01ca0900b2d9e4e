"""What of a member decides a booking: who they are, which rules hold for their spell, what they have to book."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.rules import Facts, Item
from backend.course import plans, regimes
from backend.errors import NotFound

# In these a talk may be held at a distance (the regime's `eased`).
EASING = ("mindre_intensiv_indsats", "virksomhedspraktik", "loentilskud")
MINUTES = 45


class Booker(NamedTuple):
    """The member who books. Without a running spell there is no regime and nothing to book but open events."""

    facts: Facts
    branch_id: UUID
    adviser_id: UUID | None
    language: str
    regime: regimes.Regime | None
    plan_set: plans.PlanSet | None
    eased: bool
    items: tuple[Item, ...]

    def minutes(self, items: Collection[Item]) -> int:
        """How long a talk for these items takes: the longest of them, since they are held as one."""
        known = [self.plan_set.catalogue[item.activity].minutes for item in items] if self.plan_set else []
        return max((one for one in known if one), default=MINUTES)


BOOKER = text("""
    SELECT m.born_on, m.newly_qualified, m.it_member, m.branch_id, m.adviser_id, m.language,
        s.regime, p.plan_set, p.version,
        coalesce((SELECT c.basic_it FROM clarification AS c WHERE c.spell_id = s.id
                  ORDER BY c.filled_at DESC, c.id DESC LIMIT 1), false) AS basic_it,
        EXISTS (SELECT FROM exemption AS e WHERE e.member_id = m.id AND e.type = ANY(CAST(:easing AS text[]))
                AND e.cancelled_at IS NULL AND e.from_on <= :day AND (e.to_on IS NULL OR e.to_on >= :day)) AS eased
    FROM member AS m
    LEFT JOIN spell AS s ON s.member_id = m.id AND s.ended_on IS NULL
    LEFT JOIN spell_plan AS p ON p.spell_id = s.id AND p.ended_at IS NULL
    WHERE m.id = :member
""")
# What was missed in a spell that has ended is asked of nobody any more.
ITEMS = text("""
    SELECT o.id, o.activity, o.kind, o.talks, o.provider, o.requirement, o.may_be_earlier, o.window_from, o.due_on,
        EXISTS (SELECT FROM booking_obligation AS l JOIN booking AS b ON b.id = l.booking_id
                WHERE l.obligation_id = o.id
                  AND (b.state = 'booked' OR b.state = 'held' AND b.held_until > :now)) AS booked
    FROM obligation AS o JOIN spell AS s ON s.id = o.spell_id AND s.ended_on IS NULL
    WHERE o.member_id = :member AND o.state IN ('planned', 'booked', 'missed')
    ORDER BY o.due_on, o.id
""")


async def booker(session: AsyncSession, member_id: UUID, day: date, *, now: datetime) -> Booker:
    """The member's facts as they hold on the day of the session. Raises NotFound."""
    row = (await session.execute(BOOKER, {"member": member_id, "day": day, "easing": list(EASING)})).one_or_none()
    if row is None:
        raise NotFound
    items = await session.execute(ITEMS, {"member": member_id, "now": now})
    return Booker(
        Facts(row.born_on, newly_qualified=row.newly_qualified, it_member=row.it_member, basic_it=row.basic_it),
        row.branch_id, row.adviser_id, row.language,
        regimes.all_regimes()[row.regime] if row.regime else None,
        plans.of_version(row.plan_set, row.version) if row.plan_set else None,
        row.eased,
        tuple(_item(one) for one in items),
    )  # fmt: skip


def _item(row: Row[Any]) -> Item:
    return Item(
        row.id, row.activity, row.kind, tuple(row.talks), row.provider, row.requirement, row.may_be_earlier,
        row.window_from, row.due_on, row.booked,
    )  # fmt: skip


LINK = text("""
    INSERT INTO booking_obligation (booking_id, obligation_id, member_id)
    SELECT :booking, unnest(CAST(:items AS uuid[])), :member
""")
BOOKED = text("""
    WITH items AS (
        UPDATE obligation AS o SET state = 'booked'
        FROM booking_obligation AS l
        WHERE l.booking_id = :booking AND o.id = l.obligation_id AND o.state IN ('planned', 'missed')
        RETURNING o.id),
    met AS (
        UPDATE booking_deadline AS d SET state = 'met', ended_at = :now
        FROM items WHERE d.obligation_id = items.id AND d.state IN ('open', 'missed')
        RETURNING d.id, d.due_on)
    INSERT INTO deadline_change (id, deadline_id, kind, on_day, due_on, at)
    SELECT gen_random_uuid(), id, 'met', CAST(:today AS date), due_on, :now FROM met
""")
FREED = text("""
    UPDATE obligation AS o SET state = 'planned'
    FROM booking_obligation AS l
    WHERE l.booking_id = :booking AND o.id = l.obligation_id AND o.state = 'booked'
    RETURNING o.id
""")


async def link(session: AsyncSession, booking_id: UUID, member_id: UUID, items: Collection[UUID]) -> None:
    """Note which items a booking is for."""
    await session.execute(LINK, {"booking": booking_id, "items": list(items), "member": member_id})


async def mark_booked(session: AsyncSession, booking_id: UUID, *, today: date, now: datetime) -> None:
    """The items of a booking are booked, and their booking deadlines met."""
    await session.execute(BOOKED, {"booking": booking_id, "today": today, "now": now})


async def mark_free(session: AsyncSession, booking_id: UUID) -> list[UUID]:
    """The items of a booking are to be booked again; which they are."""
    return list((await session.execute(FREED, {"booking": booking_id})).scalars())
