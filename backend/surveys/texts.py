"""Free texts: read by one with need, redacted by proposal, confirmed by a person, and only then shown to organisers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys import redaction
from backend.surveys.redaction import Span


@dataclass(frozen=True, slots=True)
class ToRead:
    """A text that nobody has confirmed, with what the product would redact. For roles with need only."""

    response_id: UUID
    question_id: UUID
    body: str
    proposed: Sequence[Span]


async def to_confirm(
    session: AsyncSession, event_key: str | None = None, *, not_of: UUID | None = None, limit: int = 100
) -> list[ToRead]:
    """The texts of an event, or of all, that wait for a person; none of what `not_of` held: nobody reads of themselves.

    Names looked for: the member's, those of all staff, and the common ones.
    """
    rows = (await session.execute(_WAITING, {"event": event_key, "me": not_of, "limit": limit})).all()
    staff = redaction.finder((await session.execute(_STAFF)).scalars())
    return [
        ToRead(row.response_id, row.question_id, row.body, redaction.propose(row.body, [row.name], staff))
        for row in rows
    ]


async def confirm(
    session: AsyncSession, response_id: UUID, question_id: UUID, redacted: str, staff_id: UUID, *, now: datetime
) -> bool:
    """Store the text as others may read it ("" hides it all).

    False when there is none, when it was confirmed already, or when this person held what it is about.
    """
    values = {"response": response_id, "question": question_id, "text": redacted, "staff": staff_id, "now": now}
    return (await session.execute(_CONFIRM, values)).first() is not None


async def shown(session: AsyncSession, event_key: str) -> Sequence[str]:
    """The confirmed texts of an event, in an order that says nothing; none before five answers of it are counted."""
    return (await session.execute(_SHOWN, {"event": event_key})).scalars().all()


_WAITING = text("""
SELECT t.response_id, t.question_id, t.body, COALESCE(m.name, '') AS name
FROM survey_text t
JOIN survey_response r ON r.id = t.response_id
JOIN survey_invitation i ON i.id = r.invitation_id
JOIN survey_attendance a ON a.id = i.attendance_id
LEFT JOIN member m ON m.id = i.member_id
WHERE t.confirmed_at IS NULL AND (CAST(:event AS text) IS NULL OR a.event_key = :event)
    AND NOT EXISTS (
        SELECT FROM activity_session s LEFT JOIN session_template e ON e.id = s.template_id
        WHERE CAST(s.id AS text) = a.event_key AND COALESCE(s.staff_id, e.staff_id) = CAST(:me AS uuid)
    ) AND a.event_key IS DISTINCT FROM CAST(CAST(:me AS uuid) AS text)
ORDER BY r.submitted_at, t.response_id LIMIT :limit
""")
_STAFF = text("SELECT name FROM staff")
_CONFIRM = text("""
UPDATE survey_text t SET redacted = :text, confirmed_by = :staff, confirmed_at = :now
WHERE t.response_id = :response AND t.question_id = :question AND t.confirmed_at IS NULL
    AND NOT EXISTS (
        SELECT FROM survey_response r
        JOIN survey_invitation i ON i.id = r.invitation_id
        JOIN survey_attendance a ON a.id = i.attendance_id
        LEFT JOIN activity_session s ON CAST(s.id AS text) = a.event_key
        LEFT JOIN session_template e ON e.id = s.template_id
        WHERE r.id = t.response_id
            AND (a.event_key = CAST(CAST(:staff AS uuid) AS text) OR COALESCE(s.staff_id, e.staff_id) = :staff)
    )
RETURNING t.response_id
""")
_SHOWN = text("""
SELECT t.redacted
FROM survey_text t
JOIN survey_response r ON r.id = t.response_id
JOIN survey_invitation i ON i.id = r.invitation_id
JOIN survey_attendance a ON a.id = i.attendance_id
WHERE a.event_key = :event AND t.redacted <> ''
    AND EXISTS (SELECT FROM survey_block b WHERE b.event_key = :event)
ORDER BY md5(t.redacted)
""")
