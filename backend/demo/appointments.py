"""What is booked in the demo fund: an adviser's talks, absences, seats, and an event that has begun, with its list."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import sessions, times, working
from backend.booking.rules import Form
from backend.booking.rules_sessions import PUBLISHED, Setup
from backend.booking.talks import Offered
from backend.clock import local_date, local_time
from backend.course import plans
from backend.errors import DomainError
from backend.followup import bookings
from backend.followup.bookings import Talk
from backend.members.tables import Member

TALKS, A_DAY, SEATS, CROWDED, AHEAD = 12, 3, 12, 20, 6 * calendar.WEEK
WAYS: tuple[Form, ...] = ("personal", "video", "phone", "letter")
# The adviser of the first red member: who signs in as an adviser sees theirs.
ADVISER = text("""
    SELECT m.adviser_id FROM member AS m JOIN rating_current AS r ON r.member_id = m.id
    WHERE r.colour = 'red' AND m.adviser_id IS NOT NULL ORDER BY m.member_no LIMIT 1
""")
ORGANISER = text("SELECT id FROM staff WHERE role = 'organiser' ORDER BY staff_no LIMIT 1")
# One talk that is still to be booked of each of the adviser's members, the soonest due first.
TO_TALK = text("""
    SELECT o.member_id, (array_agg(o.id ORDER BY o.due_on, o.id))[1] AS item
    FROM obligation AS o JOIN member AS m ON m.id = o.member_id
    WHERE m.branch_id = (SELECT branch_id FROM staff WHERE id = :adviser)
      AND o.state IN ('planned', 'missed') AND o.kind IN ('talk', 'talk_series')
      AND o.provider <> 'team' AND o.window_from <= :last
    GROUP BY o.member_id ORDER BY min(o.due_on), o.member_id LIMIT 24
""")
# Where most talks are still to be booked in the coming weeks, but for the one adviser's own branch.
ALONE = text("""
    SELECT s.id FROM staff AS s JOIN (
        SELECT m.branch_id FROM obligation AS o JOIN member AS m ON m.id = o.member_id
        WHERE o.state = 'planned' AND o.kind = 'talk' AND o.provider <> 'team' AND o.window_from <= :last
          AND m.branch_id <> (SELECT branch_id FROM staff WHERE id = :adviser)
        GROUP BY m.branch_id ORDER BY count(*) DESC, m.branch_id LIMIT 3) AS b ON b.branch_id = s.branch_id
    WHERE s.role = 'adviser'
""")
# Members whose course asks for it, with the first session in their time that has a seat.
TO_TAKE_PART = text("""
    SELECT DISTINCT ON (o.member_id) o.member_id, s.id AS session_id
    FROM obligation AS o JOIN activity_session AS s ON s.activity = o.activity AND s.state = 'open'
    WHERE o.state = 'planned' AND o.kind IN ('joint_talk', 'net_cafe', 'workshop') AND s.closes_at > :now
      AND CAST(s.local_start AS date) BETWEEN o.window_from AND o.due_on
    ORDER BY o.member_id, s.starts_at LIMIT 60
""")

OPEN = text("""
    SELECT id, capacity FROM activity_session
    WHERE kind <> 'talk' AND kind <> 'joint_talk' AND state = 'open' AND closes_at > :now AND starts_at < :last
    ORDER BY starts_at, id LIMIT :n
""")


async def fill(session: AsyncSession, *, now: datetime, plan_set: str) -> None:
    """Talks of one adviser, seats in what is held in the coming weeks, and an open event of the last working day."""
    adviser: UUID | None = await session.scalar(ADVISER)
    if adviser is not None:
        await _talks(session, adviser, now, plan_set)
        await _holidays(session, adviser, now)
    organiser: UUID | None = await session.scalar(ORGANISER)
    if organiser is not None:
        for row in (await session.execute(TO_TAKE_PART, {"now": now})).all():
            await _seat(session, row.member_id, row.session_id, organiser, plan_set, now)
        await _crowd(session, organiser, now, plan_set)
        await _begun(session, organiser, now, plan_set)


async def _talks(session: AsyncSession, adviser: UUID, now: datetime, plan_set: str) -> None:
    last = local_date(now) + AHEAD
    days: Counter[date] = Counter()
    for row in (await session.execute(TO_TALK, {"adviser": adviser, "last": last})).all():
        found = await times.for_items(session, row.member_id, [row.item], by_staff=True, now=now)
        own = [one for one in found.offers if one.staff_id == adviser and days[local_date(one.start)] < A_DAY]
        if own and days.total() < TALKS and await _talk(session, row.member_id, row.item, own[0], plan_set, now):
            days[local_date(own[0].start)] += 1


async def _talk(  # noqa: PLR0917 - one booking
    session: AsyncSession, member_id: UUID, item: UUID, at: Offered, plan_set: str, now: datetime
) -> bool:  # fmt: skip
    form = next(way for way in WAYS if way in at.forms)
    wanted = Talk((item,), at.start, form, at.staff_id)
    try:
        async with session.begin_nested():
            await bookings.book_talk(session, member_id, wanted, hold=False, by=at.staff_id, set_name=plan_set, now=now)
    except DomainError:
        return False
    return True


async def _holidays(session: AsyncSession, adviser: UUID, now: datetime) -> None:
    """Three branches without advisers for two weeks, so that others can help out."""
    monday = calendar.monday(local_date(now)) + calendar.WEEK
    away = local_time(monday, time.min), local_time(monday + 2 * calendar.WEEK, time.min)
    last = local_date(now) + 2 * calendar.WEEK
    for staff_id in (await session.scalars(ALONE, {"adviser": adviser, "last": last})).all():
        await working.add_absence(session, staff_id, *away, by=staff_id, now=now)


async def _crowd(session: AsyncSession, organiser: UUID, now: datetime, plan_set: str) -> None:
    """Members who chose for themselves: more in some of the coming sessions than in others."""
    held = (await session.execute(OPEN, {"now": now, "last": now + timedelta(days=14), "n": CROWDED})).all()
    members = iter((await session.scalars(select(Member.id).order_by(Member.id).offset(300).limit(400))).all())
    for n, row in enumerate(held):
        for member_id in islice(members, min(row.capacity, 2 + 5 * n % 9)):
            await _seat(session, member_id, row.id, organiser, plan_set, now)


async def _begun(session: AsyncSession, organiser: UUID, now: datetime, plan_set: str) -> None:
    """On the last working day before today, booked the day before that: its list can be filled in."""
    activity = next((key for key, one in plans.catalogue(plan_set).items() if one.open and one.kind in PUBLISHED), None)
    if activity is None:
        return
    day = calendar.add_working_days(local_date(now), -1)
    before = local_time(calendar.add_working_days(day, -1), time(10))
    setup = Setup(
        activity=activity, form="personal", place="Jobteamets lokaler, Fredericia", capacity=SEATS, minutes=120,
        staff_id=organiser, closes_hours=1,
    )  # fmt: skip
    at = datetime.combine(day, time(15))
    held = await sessions.create(session, setup, at, set_name=plan_set, by=organiser, now=before)
    members = await session.scalars(select(Member.id).order_by(Member.id).limit(SEATS - 2))
    for member_id in members.all():
        await _seat(session, member_id, held, organiser, plan_set, before)


async def _seat(  # noqa: PLR0917 - one booking
    session: AsyncSession, member_id: UUID, held: UUID, by: UUID, plan_set: str, now: datetime
) -> bool:  # fmt: skip
    try:
        async with session.begin_nested():
            await bookings.book_seat(session, member_id, held, hold=False, by=by, set_name=plan_set, now=now)
    except DomainError:
        return False
    return True
