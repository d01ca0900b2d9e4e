"""Members who attended, were asked and answered: made through the services."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys import answers, attendance, catalogue, invitations
from backend.surveys.answers import Given
from backend.surveys.attendance import NewAttendance
from backend.surveys.invitations import Known
from tests import factories
from tests.surveys.builders import HOUR, TUESDAY

NOON = TUESDAY + 2 * HOUR
_numbers = count(1)


def went(member_id: UUID, branch_id: UUID | None, **values: Any) -> NewAttendance:
    given: dict[str, Any] = {
        "member_id": member_id,
        "touchpoint": "T5",
        "occasion": f"O{next(_numbers)}",
        "branch_id": branch_id,
        "series_key": "S1",
        "event_key": "E1",
        "ended_at": TUESDAY,
        "attended": True,
        "compulsory": False,
    }
    return NewAttendance(**(given | values))


async def invited(
    session: AsyncSession, how_many: int, branch_id: UUID, *, now: datetime = NOON, **values: Any
) -> list[UUID]:
    """So many new members who attended something (of the branch, or that `held_by` held) and were invited; the ids."""
    await catalogue.load(session)
    members = [await factories.member(session, branch_id=branch_id) for _ in range(how_many)]
    held_by = values.pop("held_by", branch_id)
    await attendance.record(session, [went(m.id, held_by, **values) for m in members], now=now)
    outcome = await invitations.invite(session, {m.id: Known() for m in members}, now=now)
    assert outcome.invited == how_many, outcome
    found = await session.execute(_THEIRS, {"members": [m.id for m in members]})
    return list(found.scalars())


async def answer(
    session: AsyncSession,
    invitation_id: UUID,
    codes: Mapping[str, Sequence[str]] | str,
    *,
    now: datetime = NOON,
    **values: Any,
) -> UUID:
    """Answer an invitation; a single code answers every scale question with it."""
    opened = await answers.opened(session, invitation_id, now=now)
    if isinstance(codes, str):
        codes = {q.key: [codes] for q in opened.questions if q.kind == "scale"}
    return await answers.submit(session, opened, Given(codes=codes, **values), now=now)


async def rows(session: AsyncSession, table: str, columns: str = "*") -> list[dict[str, Any]]:
    found = await session.execute(text(f"SELECT {columns} FROM {table} ORDER BY 1"))
    return [dict(row) for row in found.mappings()]


_THEIRS = text("SELECT id FROM survey_invitation WHERE member_id = ANY(:members) ORDER BY id")
