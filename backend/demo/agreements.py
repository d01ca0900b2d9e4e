"""What members of the demo fund and their advisers did together: a Min Plan that waits to be confirmed, CVs read."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date, local_time
from backend.course import cv
from backend.course.my_plan import Goals
from backend.demo import appointments
from backend.followup import my_plan
from backend.members.identity import StaffIdentity

# The first members by number of each colour: whoever looks as one of them has a plan to read.
MEMBERS = text("""
    SELECT m.id AS member_id, s.id, s.staff_no, s.role, s.branch_id
    FROM (SELECT DISTINCT ON (r.colour) r.member_id FROM rating_current AS r JOIN member ON member.id = r.member_id
          ORDER BY r.colour, member.member_no) AS first
    JOIN member AS m ON m.id = first.member_id JOIN staff AS s ON s.id = m.adviser_id
""")
# Members of the visitors' adviser's branch who have been unemployed for a while, with who looks at their CV.
CVS = text("""
    SELECT m.id, m.adviser_id, m.unemployed_from FROM member AS m
    WHERE m.branch_id = (SELECT branch_id FROM staff WHERE id = :adviser) AND m.unemployed_from < :before
    ORDER BY m.member_no
""")
TO_IMPROVE = "Godt overblik over dine job. Skriv også dine svejsecertifikater og truckkortet ind."
LOOKED_AFTER = timedelta(days=12)
GOALS = Goals(
    job_goals=["Svejser", "Klejnsmed", "Produktionsmedarbejder"],
    effort_areas=["Ansøgninger til opslåede job", "Kontakt til virksomheder i nærområdet"],
    search_strategy="Jeg søger bredt i hele regionen og ringer til to virksomheder om ugen.",
    plan_a="Et job som svejser på værft eller i stålindustrien.",
    plan_b="Et job i produktionen, hvor jeg kan bruge mine certifikater.",
)


async def write(session: AsyncSession, *, now: datetime, call_queue: str = "branch") -> None:
    """A first version for each, in force from today; the numbers to search for stay as they are."""
    today: date = local_date(now)
    for row in (await session.execute(MEMBERS)).all():
        staff = StaffIdentity(row.id, row.staff_no, row.role, frozenset({row.role}), row.branch_id)
        await my_plan.write_version(
            session, row.member_id, staff, GOALS, numbers=None, valid_from=today, now=now, call_queue=call_queue
        )


async def look_at_cvs(session: AsyncSession, *, now: datetime) -> None:
    """In the visitors' adviser's branch every CV was looked at; each sixth is to be better still."""
    adviser = await session.scalar(appointments.ADVISER)
    values = {"adviser": adviser, "before": local_date(now) - LOOKED_AFTER}
    for n, row in enumerate((await session.execute(CVS, values)).all()):
        at = local_time(row.unemployed_from + LOOKED_AFTER, time(14))
        improve = n % 6 == 4
        verdict: cv.Verdict = "returned" if improve else "approved"
        await cv.decide(session, row.id, row.adviser_id, verdict, TO_IMPROVE if improve else None, now=at)
