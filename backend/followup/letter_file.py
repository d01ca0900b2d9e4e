"""A hearing or decision with what whoever works on it needs to know around it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import letters
from backend.casework import rules_letters as rules
from backend.casework.tables_letters import CaseLetter
from backend.errors import NotFound
from backend.members.identity import StaffIdentity

ABOUT = text("""
    SELECT a.name AS author, s.name AS sender,
        (SELECT n.id FROM notice AS n JOIN message AS g ON g.id = n.message_id
         WHERE g.member_id = l.member_id AND g.key = 'N30' AND g.period = CAST(l.id AS text)) AS notice_id
    FROM case_letter AS l JOIN staff AS a ON a.id = l.author_id LEFT JOIN staff AS s ON s.id = l.sent_by
    WHERE l.id = :letter
""")
STEPS = text("""
    SELECT h.event, h.at, s.name AS staff, h.detail ->> 'reason' AS reason
    FROM case_history AS h LEFT JOIN staff AS s ON s.id = h.staff_id
    WHERE h.subject_id = :letter AND h.subject = 'letter' ORDER BY h.at, h.id
""")


class LetterFile(NamedTuple):
    """`may_send`: this person may let it go; `read_at`: when they first read this version today.

    `about` holds author, sender and notice_id; a step event, at, staff and reason.
    """

    letter: CaseLetter
    about: Row[Any]
    steps: Sequence[Row[Any]]
    may_send: bool
    read_at: datetime | None


async def of(session: AsyncSession, letter_id: UUID, staff: StaffIdentity, *, now: datetime) -> LetterFile:
    """The file of a letter in whatever state. Raises NotFound."""
    letter = await session.get(CaseLetter, letter_id, populate_existing=True)
    if letter is None:
        raise NotFound
    coordinator = "coordinator" in staff.roles
    return LetterFile(
        letter,
        (await session.execute(ABOUT, {"letter": letter_id})).one(),
        (await session.execute(STEPS, {"letter": letter_id})).all(),
        rules.may_send(letter.kind, letter.author_id, staff.id, coordinator=coordinator),  # type: ignore[arg-type]
        await letters.read_at(session, letter, staff.id, now=now) if letter.state == "draft" else None,
    )
