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
    adviser_id: UUID | None
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


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody of the staff (by name) wrote to a member who wished to be contacted."""

    response_id: UUID
    name: str
    text: str
    at: datetime


async def unhandled(session: AsyncSession, *, limit: int = 500) -> list[Request]:
    """The wishes that nobody has followed yet, the oldest first."""
    rows = await session.execute(_UNHANDLED, {"limit": limit, "response": None})
    return [Request(**row, due_on=due_on(row["submitted_at"])) for row in rows.mappings()]


async def of_response(session: AsyncSession, response_id: UUID) -> Request:
    """The wish that came with one response, while nobody has followed it. Raises NotFound."""
    row = (await session.execute(_UNHANDLED, {"limit": 1, "response": response_id})).mappings().first()
    if row is None:
        raise NotFound
    return Request(**row, due_on=due_on(row["submitted_at"]))


def due_on(submitted_at: datetime) -> date:
    return calendar.add_working_days(clock.local_date(submitted_at), 1)


async def said(session: AsyncSession, response_id: UUID, member_id: UUID) -> Sequence[Said]:
    """This member's own answers. Raises NotFound unless they asked to be contacted."""
    rows = (await session.execute(_SAID, {"id": response_id, "member": member_id})).all()
    if not rows:
        raise NotFound
    return [Said(row.key, tuple(row.codes), row.body) for row in rows if row.key is not None]


async def handled(
    session: AsyncSession, response_id: UUID, staff_id: UUID, *, now: datetime, reply: str | None = None
) -> bool:
    """Note who contacted the member, and what was written to them; False when somebody had already."""
    values = {"id": response_id, "staff": staff_id, "now": now, "reply": reply}
    return (await session.execute(_HANDLED, values)).first() is not None


async def handled_many(session: AsyncSession, done: Sequence[tuple[UUID, UUID | None, datetime]]) -> int:
    """Note of many (response, staff, instant) that the member was contacted; how many were new."""
    columns = {"ids": [d[0] for d in done], "staff": [d[1] for d in done], "at": [d[2] for d in done]}
    return len((await session.execute(_HANDLED_MANY, columns)).all())


async def replies(session: AsyncSession, member_id: UUID) -> Sequence[Reply]:
    """What was written to the member in answer to their wishes, the latest first."""
    return [Reply(**row) for row in (await session.execute(_REPLIES, {"member": member_id})).mappings()]


_UNHANDLED = text("""
SELECT r.id AS response_id, i.member_id, m.adviser_id, m.branch_id, i.touchpoint, r.submitted_at
FROM survey_response r
JOIN survey_invitation i ON i.id = r.invitation_id
JOIN member m ON m.id = i.member_id
WHERE r.contact_wanted AND r.contact_handled_at IS NULL
    AND (CAST(:response AS uuid) IS NULL OR r.id = :response)
ORDER BY r.submitted_at, r.id LIMIT :limit
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
UPDATE survey_response SET contact_handled_at = :now, contact_handled_by = :staff, reply = :reply
WHERE id = :id AND contact_wanted AND contact_handled_at IS NULL RETURNING id
""")
_HANDLED_MANY = text("""
UPDATE survey_response r SET contact_handled_at = d.at, contact_handled_by = d.staff
FROM unnest(CAST(:ids AS uuid[]), CAST(:staff AS uuid[]), CAST(:at AS timestamptz[])) AS d (id, staff, at)
WHERE r.id = d.id AND r.contact_wanted AND r.contact_handled_at IS NULL RETURNING r.id
""")
_REPLIES = text("""
SELECT r.id AS response_id, s.name, r.reply AS text, r.contact_handled_at AS at
FROM survey_response r
JOIN survey_invitation i ON i.id = r.invitation_id AND i.member_id = :member
JOIN staff s ON s.id = r.contact_handled_by
WHERE r.reply IS NOT NULL ORDER BY r.contact_handled_at DESC LIMIT 20
""")
