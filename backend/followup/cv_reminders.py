"""The CV: an adviser's decision with its message, and the reminders before it must be ready."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.clock import local_date
from backend.course import cv
from backend.course.tables_cv import CvDecision
from backend.followup import rules_reminders as rules
from backend.members.identity import StaffIdentity
from backend.members.tables import Staff
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.rating.figures import FULLY_EXEMPTING

# So many days after the first unemployed day; when phones may not ring then, on the next day that they may.
REMINDED_AFTER = (7, 11)


async def decide(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, verdict: cv.Verdict, comment: str | None, *,
    now: datetime,
) -> CvDecision:  # fmt: skip
    """Approve the CV or return it; of a return the member hears by N31.cv. Raises CommentNeeded."""
    made = await cv.decide(session, member_id, staff.id, verdict, comment, now=now)
    if verdict == "returned":
        name = await session.scalar(select(Staff.name).where(Staff.id == staff.id)) or ""
        params = {"name": name.split(" ")[0]}
        await notifications.send(session, [NewMessage(member_id, "N31.cv", str(made.id), params)], now=now)
    return made


async def remind(session: AsyncSession, *, now: datetime) -> int:
    """N18 to those whose CV is not approved a week, and eleven days, after their first day; how many were new."""
    today = local_date(now)
    starts = reminded_starts(today)
    found = await cv.unready(session, sorted(starts), exempting=sorted(FULLY_EXEMPTING), today=today)
    wanted = [
        NewMessage(member_id, "N18", f"{started_on}/{starts[started_on]}", {"date": cv.ready_by(started_on)})
        for member_id, started_on in found
    ]
    return await notifications.send(session, wanted, now=now)


def reminded_starts(today: date) -> dict[date, int]:
    """The first unemployed days whose members are reminded today, with the days since, 7 or 11. Pure."""
    if not rules.is_ringing_day(today):
        return {}
    found: dict[date, int] = {}
    day = today
    while day == today or not rules.is_ringing_day(day):
        found |= {day - timedelta(days=after): after for after in REMINDED_AFTER}
        day -= calendar.DAY
    return found
