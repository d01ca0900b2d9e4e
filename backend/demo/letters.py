"""A case of the demo fund: a hearing that nobody answered, and a decision that waits for a second person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import rules_letters as rules
from backend.casework.rules_letters import Text
from backend.casework.tables_letters import CaseLetter
from backend.clock import local_date
from backend.followup import letters
from backend.members.identity import StaffIdentity
from backend.members.tables import Member, Staff

READ_FOR = timedelta(minutes=3)
MATTER = "Du var indkaldt til en samtale, og vi fik ikke talt med dig. Vi overvejer, om du kan få dagpenge for den dag."
GROUNDS = (
    "Indkaldelsen lå i din digitale postkasse otte dage før samtalen, og den er åbnet. Vi har ikke fået afbud.\n"
    "Du ringede dagen efter og fik en ny tid. Det taler for dig."
)
DECISION = "Du får ikke dagpenge for den dag, du ikke kom. Du får dagpenge igen fra dagen efter, da du ringede."
RULES = "Lov om arbejdsløshedsforsikring § 62 a og bekendtgørelsen om rådighed."


async def hear(session: AsyncSession, *, now: datetime) -> None:
    """The adviser of the first member, who is the red one to be, hears the member before deciding."""
    statement = (
        select(Member.id, Staff.id, Staff.staff_no, Staff.role, Staff.branch_id)
        .join(Staff, Staff.id == Member.adviser_id)
        .order_by(Member.member_no)
    )
    row = (await session.execute(statement.limit(1))).first()
    if row is None:
        return
    member_id, adviser = row[0], _identity(row[1:])
    answer_by = calendar.add_working_days(local_date(now), rules.ANSWER_WORKING_DAYS)
    text = Text("hearing", MATTER, GROUNDS, answer_by=answer_by)
    letter = await letters.write(session, member_id, adviser, text, now=now)
    await letters.read(session, letter.id, adviser, now=now)
    await letters.send(session, letter.id, adviser, 1, now=now + READ_FOR, pause=READ_FOR)


async def decide(session: AsyncSession, *, now: datetime) -> None:
    """The member did not answer; the decision is written, and a coordinator is asked to read it."""
    statement = (
        select(CaseLetter.member_id, CaseLetter.id, Staff.id, Staff.staff_no, Staff.role, Staff.branch_id)
        .join(Staff, Staff.id == CaseLetter.author_id)
        .where(CaseLetter.kind == "hearing", CaseLetter.answer_by < local_date(now))
    )
    for member_id, hearing_id, *author in (await session.execute(statement)).all():
        text = Text("decision", MATTER, GROUNDS, DECISION, RULES, hearing_id=hearing_id)
        await letters.write(session, member_id, _identity(author), text, now=now)


def _identity(row: Sequence[Any]) -> StaffIdentity:
    staff_id, staff_no, role, branch_id = row
    return StaffIdentity(staff_id, staff_no, role, frozenset({role}), branch_id)
