"""Talks: which times advisers offer a member, and which adviser is asked first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
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

MINUTE, PERSONAL = timedelta(minutes=1), frozenset(("personal",))


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
    loans = await _loans(session, booker, staff, first, last)
    found = []
    for rank, one in enumerate(staff):
        free = slots.free(
            hours[one], [*busy[one], *own], first, last, minutes=minutes, not_before=now + rules.TALK_CLOSES
        )
        found += [(slot.start, rank, Offered(one, *slot)) for slot in _as_lent(free, one, loans)]
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
    loans = await _loans(session, booker, staff, day, day)
    staff = await _order(session, member_id, booker, staff, day=day, now=now)
    hours, away = await calendars.hours(session, staff, day, day), await calendars.absent(session, staff, day, day)
    not_before = now if by_staff else now + rules.TALK_CLOSES
    minutes = booker.minutes(wish.items)
    found = [
        Offered(one, *slot)
        for one in staff
        for slot in _as_lent(
            slots.free(hours[one], away[one], day, day, minutes=minutes, not_before=not_before), one, loans
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


class Loans(NamedTuple):
    """What is left of whose loan to the branch, week by week, and on which days who is at another branch."""

    left: Mapping[UUID, Mapping[date, float]]
    elsewhere: Collection[tuple[UUID, date]]


async def _loans(session: AsyncSession, booker: Booker, staff: Sequence[UUID], first: date, last: date) -> Loans:
    left = await lent.to_branch(session, booker.branch_id, first, last)
    return Loans(left, await lent.elsewhere(session, staff, booker.branch_id, first, last))


def _as_lent(free: Sequence[Slot], staff_id: UUID, loans: Loans) -> list[Slot]:
    """Of an adviser who is lent only what is left of the loan, at the member's branch; of all only where they are."""
    weeks = loans.left.get(staff_id)
    found = []
    for slot in free:
        day = local_date(slot.start)
        if weeks is not None and weeks.get(calendar.monday(day), 0.0) * MINUTE < slot.end - slot.start:
            continue
        away = PERSONAL if (staff_id, day) in loans.elsewhere else frozenset()
        if slot.forms - away:
            found.append(slot._replace(forms=slot.forms - away, place=slot.place if weeks is None else None))
    return found


async def _order(
    session: AsyncSession, member_id: UUID, booker: Booker, staff: Sequence[UUID], *, day: date, now: datetime
) -> list[UUID]:  # fmt: skip
    """Those whom the member knows first, then who has least to do that day."""
    preferred = await known(session, member_id, booker)
    busy = await calendars.taken(session, staff, day, day, now)
    return rules.prefer([rules.Candidate(one, len(busy[one])) for one in staff], preferred)
