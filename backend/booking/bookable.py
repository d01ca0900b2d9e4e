"""The items of a member's course as things to book: how, in which ways, together with what, and by when."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import facts, reading
from backend.booking.facts import Booker
from backend.booking.reading import Deadline
from backend.booking.rules import ALONE, Item
from backend.clock import local_date
from backend.course import regimes

How = Literal["time", "seat", "none"]
HAS = text("""
    SELECT l.obligation_id, b.id FROM booking_obligation AS l JOIN booking AS b ON b.id = l.booking_id
    WHERE l.member_id = :member AND (b.state = 'booked' OR b.state = 'held' AND b.held_until > :now)
""")


class Bookable(NamedTuple):
    """`late`: the last day has passed, so that staff find a time. `merges` are items that one talk may be for too."""

    item: Item
    how: How
    late: bool
    minutes: int | None
    forms: frozenset[str]
    merges: tuple[UUID, ...]
    booking_id: UUID | None
    deadline: Deadline | None


async def of_member(session: AsyncSession, member_id: UUID, *, now: datetime) -> list[Bookable]:
    """What is open of the member's course, by its last day. Four statements."""
    today = local_date(now)
    booker = await facts.booker(session, member_id, today, now=now)
    held = await reading.deadlines(session, member_id)
    has = {row.obligation_id: row.id for row in await session.execute(HAS, {"member": member_id, "now": now})}
    return [
        Bookable(
            item, _how(item), item.due_on < today, booker.minutes([item]) if _how(item) == "time" else None,
            _forms(booker, item), _merges(booker, item), has.get(item.id), held.get(item.id),
        )
        for item in booker.items
    ]  # fmt: skip


def _how(item: Item) -> How:
    if item.kind in ALONE:
        return "time"
    return "none" if item.kind == "task" else "seat"


def _forms(booker: Booker, item: Item) -> frozenset[str]:
    if booker.regime is None or _how(item) != "time":
        return frozenset()
    return regimes.forms_allowed(booker.regime, item.talks, eased=booker.eased)


def _merges(booker: Booker, item: Item) -> tuple[UUID, ...]:
    """Two talks that the regime lets be held as one, while neither is booked and their windows meet."""
    if booker.regime is None or item.booked or not item.talks or _how(item) != "time":
        return ()
    others = [one for one in booker.items if one.id != item.id and one.talks and not one.booked and _how(one) == "time"]
    return tuple(
        one.id for one in others if regimes.may_merge(booker.regime, [*item.talks, *one.talks]) and _meet(item, one)
    )


def _meet(one: Item, other: Item) -> bool:
    first = max((i.window_from for i in (one, other) if not i.may_be_earlier), default=one.window_from)
    return first <= min(one.due_on, other.due_on)
