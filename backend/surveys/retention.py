"""After a year nothing of an answer leads back to who gave it. What was counted stays: blocks hold no persons."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys.policy import DAY

KEPT_DAYS = 365


async def anonymise(session: AsyncSession, *, now: datetime) -> int:
    """Cut every link from answers, invitations and activities of a year ago to their members; how many responses.

    Texts go, and answers that no block holds (they are never shown). Of the moment of an answer the month is kept.
    Responses and invitations get other ids: tasks, messages and the access log know the old ones beside the member.
    """
    before = {"before": now - KEPT_DAYS * DAY, "now": now}
    for statement in (_TEXTS, _UNCOUNTED):
        await session.execute(statement, before)
    found = (await session.execute(_RESPONSES, before)).all()
    for statement in (_INVITATIONS, _ATTENDANCE, _OPT_OUTS):
        await session.execute(statement, before)
    return len(found)


_OLD = "SELECT id FROM survey_response WHERE submitted_at < :before AND anonymised_at IS NULL"
_TEXTS = text(f"DELETE FROM survey_text WHERE response_id IN ({_OLD})")  # noqa: S608 - SQL of ours
_UNCOUNTED = text(f"DELETE FROM survey_answer WHERE block_id IS NULL AND response_id IN ({_OLD})")  # noqa: S608
_RESPONSES = text("""
WITH old AS MATERIALIZED (
    SELECT r.*, gen_random_uuid() AS new_id FROM survey_response r
    WHERE r.submitted_at < :before AND r.anonymised_at IS NULL FOR UPDATE
), made AS (
    INSERT INTO survey_response (id, submitted_at, contact_wanted, contact_handled_at, anonymised_at)
    SELECT new_id, date_trunc('month', submitted_at), contact_wanted, date_trunc('month', contact_handled_at), :now
    FROM old
), moved AS (
    UPDATE survey_answer a SET response_id = old.new_id FROM old WHERE a.response_id = old.id
)
DELETE FROM survey_response r USING old WHERE r.id = old.id RETURNING r.id
""")
_INVITATIONS = text("""
UPDATE survey_invitation SET id = gen_random_uuid(), member_id = NULL, token_hash = NULL,
    answered_at = date_trunc('month', answered_at), declined_at = date_trunc('month', declined_at)
WHERE invited_at < :before AND member_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM survey_response r WHERE r.invitation_id = survey_invitation.id)
""")
_ATTENDANCE = text("""
UPDATE survey_attendance SET member_id = NULL, occasion = CAST(id AS text)
WHERE ended_at < :before AND member_id IS NOT NULL AND state <> 'waiting'
    AND NOT EXISTS (
        SELECT FROM survey_invitation i WHERE i.attendance_id = survey_attendance.id AND i.member_id IS NOT NULL
    )
""")
_OPT_OUTS = text("DELETE FROM survey_opt_out WHERE until < :now")
