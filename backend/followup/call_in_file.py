"""One call-in with what the person who decides needs to know around it."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_in_work
from backend.casework.tables import CallIn
from backend.errors import NotFound

ABOUT = text("""
    SELECT m.member_no, m.name, m.phone, b.name AS branch_name, b.name || ', ' || b.city AS place, r.colour,
        (SELECT n.id FROM notice AS n JOIN message AS g ON g.id = n.message_id
         WHERE g.member_id = m.id AND g.key = 'N04' AND g.period = CAST(:case AS text)) AS notice_id
    FROM member AS m JOIN branch AS b ON b.id = m.branch_id JOIN rating_current AS r ON r.member_id = m.id
    WHERE m.id = :member
""")


class CallInFile(NamedTuple):
    """`read_at`: when this person opened the evidence; `approve_from`: the earliest moment to approve it.

    `about` holds member_no, name, phone, branch_name, place (the branch's), colour and notice_id (the letter's).
    """

    case: CallIn
    about: Row[tuple[object, ...]]
    read_at: datetime | None
    approve_from: datetime | None


async def of(session: AsyncSession, call_in_id: UUID, staff_id: UUID, *, pause: timedelta) -> CallInFile:
    """The file of a call-in in whatever state. Raises NotFound."""
    case = await session.get(CallIn, call_in_id)
    if case is None:
        raise NotFound
    about = (await session.execute(ABOUT, {"member": case.member_id, "case": str(call_in_id)})).one()
    read_at = await call_in_work.read_at(session, call_in_id, staff_id)
    return CallInFile(case, about, read_at, read_at + pause if read_at else None)
