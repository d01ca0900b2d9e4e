"""Members who ticked "please contact me": the only answers that a person sees one by one, by the member's own wish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar, clock
from backend.errors import NotFound


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to be contacted, due within one working day. Says nothing of the answers."""

    response_id: UUID
    member_id: UUID
    branch_id: UUID
    touchpoint: str
    submitted_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True)
class Said:
    """What this member answered to one question: codes, or the text."""

    question: str
    codes: tuple[str, ...]
    body: str | None


async def unhandled(session: AsyncSession, *, limit: int = 500) -> list[Request]:
    """The wishes that nobody has followed yet, the oldest first."""
    rows = await session.execute(_UNHANDLED, {"limit": limit})
    return [Request(**row, due_on=due_on(row["submitted_at"])) for row in rows.mappings()]


def due_on(submitted_at: datetime) -> date:
    return calendar.add_working_days(clock.local_date(submitted_at), 1)


async def said(session: AsyncSession, response_id: UUID, member_id: UUID) -> Sequence[Said]:
    """This member's own answers. Raises NotFound unless they asked to be contacted."""
    rows = (await session.execute(_SAID, {"id": response_id, "member": member_id})).all()
    if not rows:
        raise NotFound
    return [Said(row.key, tuple(row.codes), row.body) for row in rows if row.key is not None]


async def handled(session: AsyncSession, response_id: UUID, staff_id: UUID, *, now: datetime) -> bool:
    """Note who contacted the member; False when somebody had already."""
    values = {"id": response_id, "staff": staff_id, "now": now}
    return (await session.execute(_HANDLED, values)).first() is not None


_UNHANDLED = text("""
SELECT r.id AS response_id, i.member_id, a.branch_id, i.touchpoint, r.submitted_at
FROM survey_response r
JOIN survey_invitation i ON i.id = r.invitation_id
JOIN survey_attendance a ON a.id = i.attendance_id
WHERE r.contact_wanted AND r.contact_handled_at IS NULL ORDER BY r.submitted_at, r.id LIMIT :limit
""")
_SAID = text("""
SELECT q.key, COALESCE(a.codes, '{}') AS codes, t.body
FROM survey_response r
JOIN survey_invitation i ON i.id = r.invitation_id AND i.member_id = :member
LEFT JOIN (
    SELECT response_id, question_id FROM survey_answer UNION SELECT response_id, question_id FROM survey_text
) x ON x.response_id = r.id
LEFT JOIN survey_question q ON q.id = x.question_id
LEFT JOIN LATERAL (
    SELECT array_agg(code ORDER BY code) AS codes FROM survey_answer
    WHERE response_id = r.id AND question_id = q.id
) a ON true
LEFT JOIN survey_text t ON t.response_id = r.id AND t.question_id = q.id
WHERE r.id = :id AND r.contact_wanted ORDER BY q.key
""")
_HANDLED = text("""
UPDATE survey_response SET contact_handled_at = :now, contact_handled_by = :staff
WHERE id = :id AND contact_wanted AND contact_handled_at IS NULL RETURNING id
""")
