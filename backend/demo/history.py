"""Six weeks of life for the demo fund: the weekly ratings with all that follows, calls that were made, phones."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import add_working_days
from backend.casework.rules_calls import Outcome
from backend.casework.tables import ServiceCall
from backend.clock import local_date, local_time
from backend.demo import agreements, appointments, broadcasts, calendars, cases, letters, opinions, phones, rule
from backend.followup import calls, course, service
from backend.members import grants
from backend.members.grants import NewGrant
from backend.members.identity import StaffIdentity
from backend.members.tables import Member, Staff

WEDNESDAY, RATED_AT = 2, time(6, 0)
RUNS = 6
CALLS_A_WEEK = 35
OUTCOMES: tuple[Outcome, ...] = ("agreed_plan", "agreed_plan", "misregistered", "needs_help")
# Pushes wait for the morning.
PUSHED_AFTER = timedelta(hours=3)
ASSIGNED = 20
Say = Callable[[str], None]


async def live(session: AsyncSession, *, now: datetime, say: Say, plan_set: str) -> None:
    """Rate as on the last six Wednesdays, and let advisers make some of the calls on the working day after."""
    members = list(await session.scalars(select(Member.id).order_by(Member.id)))
    say("Planning the courses of the demo fund …")
    await calendars.open_up(session, now=now, plan_set=plan_set)
    await course.settle_many(session, members, set_name=plan_set, now=now)
    mornings = runs(now)
    say("Handing out phones …")
    await phones.hand_out(session, members, now=mornings[0] - timedelta(days=1))
    for n, morning in enumerate(mornings, 1):
        say(f"Rating the demo fund, week {n} of {len(mornings)} …")
        # The last week's calls lie in the central queue, so that whoever looks as its agent has somebody to ring.
        queue = "contact_centre" if morning == mornings[-1] else "branch"
        await service.rate_and_follow_up(session, members, now=morning, mode="weekly", call_queue=queue)
        if morning == mornings[-4]:
            await letters.hear(session, now=morning + PUSHED_AFTER - timedelta(minutes=20))
        await phones.send(session, now=morning + PUSHED_AFTER)
        if morning == mornings[-2]:
            await broadcasts.send_one(session, now=morning + PUSHED_AFTER)
        after = add_working_days(local_date(morning), 1)
        await _make_calls(session, local_time(after, time(10, 0)), now)
        await cases.week(session, local_time(after, time(15, 0)), now, last=morning == mornings[-1])
    await phones.seen(session, now=now)
    await agreements.write(session, now=now)
    await agreements.look_at_cvs(session, now=now)
    await _assign(session, members, now)
    await appointments.fill(session, now=now, plan_set=plan_set)
    await cases.leave(session, now=now)
    await letters.decide(session, now=now)
    await rule.prepare(session, now=now)
    await broadcasts.prepare(session, now=now)
    say("Asking members how it went …")
    await opinions.tell(session, members, now=now, plan_set=plan_set)


def runs(now: datetime) -> list[datetime]:
    """The moments of the last six weekly runs, oldest first."""
    today = local_date(now)
    last = today - timedelta(days=(today.weekday() - WEDNESDAY) % 7)
    if _moment(last) > now:
        last -= timedelta(weeks=1)
    return [_moment(last - timedelta(weeks=back)) for back in range(RUNS - 1, -1, -1)]


def _moment(day: date) -> datetime:
    return local_time(day, RATED_AT)


async def _make_calls(session: AsyncSession, at: datetime, now: datetime) -> None:
    if at > now:
        return
    n = 0
    async for call_id, adviser in _open_calls(session):
        when = at + timedelta(minutes=7 * n)
        await calls.claim(session, call_id, adviser, now=when)
        await calls.attempt(session, call_id, adviser, "reached", now=when)
        await calls.complete(
            session,
            call_id,
            adviser,
            OUTCOMES[n % len(OUTCOMES)],
            note=None,
            excuse=None,
            now=when,
            call_queue="branch",
        )
        n += 1


async def _open_calls(session: AsyncSession) -> AsyncIterator[tuple[UUID, StaffIdentity]]:
    """The first open calls by due day, each with the member's own adviser."""
    found = await session.execute(
        select(ServiceCall.id, Staff.id, Staff.staff_no, Staff.role, Staff.branch_id)
        .join(Member, Member.id == ServiceCall.member_id)
        .join(Staff, Staff.id == Member.adviser_id)
        .where(ServiceCall.state == "open", ServiceCall.queue == "branch")
        .order_by(ServiceCall.due_on, Member.member_no)
        .limit(CALLS_A_WEEK)
    )
    for call_id, staff_id, staff_no, role, branch_id in found.all():
        yield call_id, StaffIdentity(staff_id, staff_no, role, frozenset({role}), branch_id)


async def _assign(session: AsyncSession, members: Sequence[UUID], now: datetime) -> None:
    """Each job consultant works with some members, whom a coordinator assigned."""
    consultants = list(await session.scalars(select(Staff.id).where(Staff.role == "job_consultant")))
    coordinator = (await session.scalars(select(Staff.id).where(Staff.role == "coordinator"))).first()
    assert coordinator
    today = local_date(now)
    for n, member_id in enumerate(members[: ASSIGNED * len(consultants)]):
        grant = NewGrant(consultants[n % len(consultants)], member_id, None, "assigned", today, None, "")
        await grants.add(session, grant, coordinator, today=today, now=now)
