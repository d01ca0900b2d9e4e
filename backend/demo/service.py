"""The demo fund: made by the product, imported like any export, rated like any fund. Never in production."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.demo import fund, history
from backend.intake import service as intake
from backend.members.tables import Member, Staff
from backend.rating.tables import RatingCurrent

SEED = 1
COLOURS = {
    "green": "a member with a green smiley",
    "yellow": "a member with a yellow smiley",
    "red": "a member with a red smiley",
    "none": "a member who is new",
}
ROLES = {
    "adviser": "an adviser",
    "job_consultant": "a job consultant",
    "organiser": "an organiser",
    "coordinator": "a coordinator",
    "manager": "a manager",
    "contact_centre": "a contact centre agent",
}


class Person(NamedTuple):
    """Somebody to sign in as: who it is, and the option of `jobvej token`."""

    who: str
    option: str


async def wanted(session: AsyncSession) -> bool:
    """Whether the database is without members."""
    return not await session.scalar(select(exists().where(Member.id.is_not(None))))


async def load(
    sessions: Sessions,
    *,
    today: date,
    now: datetime,
    progress: Callable[[str], None] = lambda _text: None,
    plan_set: str = "metal",
) -> None:
    """Load the demo fund into an empty database, in one transaction: all or nothing. Does nothing where members are.

    About 1,700 members with 13 weeks of job log, and six weekly ratings with what followed. `progress` is told what is
    being done, in a sentence.
    """
    async with transaction(sessions) as session:
        if not await wanted(session):
            return
        with tempfile.TemporaryDirectory(prefix="jobvej-demo-") as name:
            progress("Making a demo fund …")
            fund.write(Path(name), today=today, seed=SEED)
            progress("Importing the demo fund …")
            await intake.import_folder(session, Path(name), today=today, now=now, plan_set=plan_set)
        await history.live(session, now=now, say=progress, plan_set=plan_set)


async def people(session: AsyncSession) -> list[Person]:
    """One member of each colour and one of the staff of each role, the first by number, the adviser of the red one."""
    found, adviser = [], None
    for colour, who in COLOURS.items():
        row = await _first_member(session, colour)
        if row is not None:
            found.append(Person(who, f"--member {row[0]}"))
            adviser = row[1] if colour == "red" else adviser
    for role, who in ROLES.items():
        number = adviser if role == "adviser" and adviser else await _first_staff(session, role)
        if number is not None:
            found.append(Person(who, f"--staff {number}"))
    return found


async def _first_member(session: AsyncSession, colour: str) -> tuple[str, str | None] | None:
    statement = (
        select(Member.member_no, Staff.staff_no)
        .join(RatingCurrent, RatingCurrent.member_id == Member.id)
        .outerjoin(Staff, Staff.id == Member.adviser_id)
        .where(RatingCurrent.colour == colour)
        .order_by(Member.member_no)
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else (row[0], row[1])


async def _first_staff(session: AsyncSession, role: str) -> str | None:
    return await session.scalar(select(Staff.staff_no).where(Staff.role == role).order_by(Staff.staff_no).limit(1))
