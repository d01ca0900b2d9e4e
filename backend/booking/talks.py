"""Talks: which times advisers offer a member, and which adviser is asked first."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import calendars, errors, lent, rules, slots
from backend.booking.facts import Booker
from backend.booking.rules import Item
from backend.booking.slots import Slot, Span
from backend.clock import local_date


class Offered(NamedTuple):
    """A time that an adviser offers, and how the talk can be held then."""

    staff_id: UUID
    start: datetime
    end: datetime
    forms: frozenset[str]
    place: str | None


class Wish(NamedTuple):
    """A talk as the member wants it. `staff_id` asks for one adviser; without, any will do."""

    items: tuple[Item, ...]
    starts_at: datetime
    form: rules.Form
    staff_id: UUID | None


OWN = text("""
    SELECT lower(t.span) AS start, upper(t.span) AS end
    FROM member_time AS t LEFT JOIN booking AS b ON b.id = t.booking_id
    WHERE t.member_id = :member AND t.span && tstzrange(:start, :end) AND (b.held_until IS NULL OR b.held_until > :now)
""")
# Local items are the branch's, the others the job team's.
STAFF = text("""
    SELECT id FROM staff
    WHERE CASE WHEN :team THEN role = 'job_consultant' AND branch_id IS NULL
          ELSE role = 'adviser' AND branch_id = :branch END
    ORDER BY id
""")
KNOWN = text("""
    SELECT s.staff_id FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.member_id = :member AND b.state IN ('booked', 'attended') AND s.kind IN ('talk', 'joint_talk')
      AND s.staff_id IS NOT NULL
    ORDER BY s.starts_at DESC LIMIT 5
""")


async def offered(
    session: AsyncSession, member_id: UUID, booker: Booker, items: Sequence[Item], *,
    first: date, last: date, now: datetime,
) -> list[Offered]:  # fmt: skip
    """The times that this member can book for these items, from `first` to `last`, by time and then as preferred.

    None where `last` lies before `first`: the window is over, or those of two items do not meet.
    """
    if last < first:
        return []
    staff = await _candidates(session, booker, items, first, last)
    staff = await _order(session, member_id, booker, staff, day=first, now=now)
    hours, busy = (
        await calendars.hours(session, staff, first, last),
        await calendars.busy(session, staff, first, last, now),
    )
    own = await own_time(session, member_id, *calendars.bounds(first, last), now=now)
    minutes = booker.minutes(items)
    away = await lent.to_branch(session, booker.branch_id, first, last)
    found = []
    for rank, one in enumerate(staff):
        free = slots.free(
            hours[one], [*busy[one], *own], first, last, minutes=minutes, not_before=now + rules.TALK_CLOSES
        )
        found += [(slot.start, rank, Offered(one, *slot)) for slot in _as_lent(free, away.get(one))]
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


async def advisers(
    session: AsyncSession, member_id: UUID, booker: Booker, wish: Wish, *, by_staff: bool, now: datetime
) -> list[Offered]:
    """Who works at the wished time and may hold the talk, in the order in which to ask them.

    Only staff may ask for somebody of another branch. Bookings are not looked at here: whether the time is free the
    database decides when it is taken. Raises NotOffered.
    """
    day = local_date(wish.starts_at)
    staff = await _candidates(session, booker, wish.items, day, day)
    if wish.staff_id:
        staff = [one for one in [wish.staff_id] if by_staff or one in staff]
    weeks = await lent.to_branch(session, booker.branch_id, day, day)
    staff = await _order(session, member_id, booker, staff, day=day, now=now)
    hours, away = await calendars.hours(session, staff, day, day), await calendars.absent(session, staff, day, day)
    not_before = now if by_staff else now + rules.TALK_CLOSES
    minutes = booker.minutes(wish.items)
    found = [
        Offered(one, *slot)
        for one in staff
        for slot in _as_lent(
            slots.free(hours[one], away[one], day, day, minutes=minutes, not_before=not_before), weeks.get(one)
        )
        if slot.start == wish.starts_at and wish.form in slot.forms
    ]
    if not found:
        raise errors.NotOffered(field="startsAt")
    return found


async def own_time(
    session: AsyncSession, member_id: UUID, start: datetime, end: datetime, *, now: datetime
) -> list[Span]:
    """What the member has booked or holds in that time, or is called in to."""
    rows = await session.execute(OWN, {"member": member_id, "start": start, "end": end, "now": now})
    return [Span(row.start, row.end) for row in rows]


async def known(session: AsyncSession, member_id: UUID, booker: Booker) -> list[UUID]:
    """Advisers whom the member has met, the latest first, and then their own."""
    found = list((await session.execute(KNOWN, {"member": member_id})).scalars())
    return found + ([booker.adviser_id] if booker.adviser_id else [])


async def _candidates(
    session: AsyncSession, booker: Booker, items: Collection[Item], first: date, last: date
) -> list[UUID]:
    """The branch's advisers and those lent to it, or the job team."""
    team = any(item.provider == "team" for item in items)
    own = list((await session.execute(STAFF, {"team": team, "branch": booker.branch_id})).scalars())
    return own if team else own + sorted(await lent.to_branch(session, booker.branch_id, first, last))


def _as_lent(free: Sequence[Slot], weeks: set[date] | None) -> list[Slot]:
    """Of an adviser who is lent only the weeks of the loan, and only talks that need no office."""
    if weeks is None:
        return list(free)
    return [
        slot._replace(forms=slot.forms & lent.FORMS)
        for slot in free
        if calendar.monday(local_date(slot.start)) in weeks and slot.forms & lent.FORMS
    ]


async def _order(
    session: AsyncSession, member_id: UUID, booker: Booker, staff: Sequence[UUID], *, day: date, now: datetime
) -> list[UUID]:  # fmt: skip
    """Those whom the member knows first, then who has least to do that day."""
    preferred = await known(session, member_id, booker)
    busy = await calendars.taken(session, staff, day, day, now)
    return rules.prefer([rules.Candidate(one, len(busy[one])) for one in staff], preferred)
