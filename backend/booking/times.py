"""The times at which a member can have a talk: in the whole window, the same adviser first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines, errors, facts, rules, seats, talks
from backend.booking.facts import Booker
from backend.booking.rules import Item
from backend.booking.talks import Offered
from backend.clock import local_date
from backend.course import regimes
from backend.members.tables import Staff

# How far beyond the last day staff look for a time with a member who is late.
STAFF_BEYOND = timedelta(weeks=4)


class Times(NamedTuple):
    """What is offered from `first` to `last`, by time and then as preferred. `known` are advisers the member has met.

    `forms` are the ways allowed; a time offers those of them that its adviser has then.
    """

    offers: tuple[Offered, ...]
    known: frozenset[UUID]
    names: dict[UUID, str]
    minutes: int
    forms: frozenset[str]
    first: date
    last: date


async def for_items(
    session: AsyncSession, member_id: UUID, item_ids: Sequence[UUID], *, by_staff: bool, now: datetime
) -> Times:
    """Times for one talk for these items. That none was free is noted with the deadlines of a member who looks in time.

    Raises NothingToBook, AlreadyBooked, MergeNotAllowed.
    """
    booker = await facts.booker(session, member_id, local_date(now), now=now)
    found = await _times(session, member_id, booker, _items(booker, item_ids), by_staff=by_staff, now=now)
    if not found.offers and not by_staff and found.first <= found.last:
        for item_id in item_ids:
            await deadlines.no_slot(session, item_id, now=now)
    return found


async def for_booking(
    session: AsyncSession, member_id: UUID, booking_id: UUID, *, by_staff: bool, now: datetime
) -> Times:
    """Times to which a booked talk can be moved. Raises NothingToBook."""
    booker = await facts.booker(session, member_id, local_date(now), now=now)
    linked = _items(booker, await seats.linked(session, booking_id))
    items = [item._replace(booked=False) for item in linked]
    return await _times(session, member_id, booker, items, by_staff=by_staff, now=now)


def one_each(offers: Iterable[Offered]) -> list[Offered]:
    """Each time once, with the adviser who would be asked first."""
    first: dict[datetime, Offered] = {}
    for one in offers:
        first.setdefault(one.start, one)
    return list(first.values())


def _items(booker: Booker, wanted: Sequence[UUID]) -> list[Item]:
    found = [item for item in booker.items if item.id in set(wanted)]
    if not found or len(found) != len(set(wanted)):
        raise errors.NothingToBook
    return found


async def _times(
    session: AsyncSession, member_id: UUID, booker: Booker, items: Sequence[Item], *, by_staff: bool, now: datetime
) -> Times:
    if booker.regime is None or any(item.kind not in rules.ALONE for item in items):
        raise errors.NothingToBook
    forms = regimes.forms_allowed(booker.regime, [t for item in items for t in item.talks], eased=booker.eased)
    rules.check_talk(items, booker.regime, next(iter(forms), ""), eased=booker.eased)
    first, last = rules.window(items, local_date(now), by_staff=by_staff)
    last = max(last, local_date(now) + STAFF_BEYOND) if by_staff else last
    offers = await talks.offered(session, member_id, booker, items, first=first, last=last, now=now)
    kept = tuple(one._replace(forms=one.forms & forms) for one in offers if one.forms & forms)
    known = frozenset(await talks.known(session, member_id, booker))
    names = await _names(session, {one.staff_id for one in kept})
    return Times(kept, known, names, booker.minutes(items), forms, first, last)


async def _names(session: AsyncSession, staff: Iterable[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff)))
    return {row.id: row.name for row in rows}
