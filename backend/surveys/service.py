"""The seam to the notifications: telling a member that they are asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications import service as notifications
from backend.notifications.service import NewMessage

ASK = "N26"


async def announce(session: AsyncSession, invitation_ids: Sequence[UUID], *, reminder: bool, now: datetime) -> int:
    """Send N26 for these invitations, once as invitation and once as reminder; how many were new."""
    if not invitation_ids:
        return 0
    rows = await session.execute(_WHOM, {"ids": list(invitation_ids)})
    messages = [
        NewMessage(
            row.member_id,
            ASK,
            f"{row.id}:reminder" if reminder else str(row.id),
            {"activity": row.activity},
            {"invitation": str(row.id)},
        )
        for row in rows
    ]
    return await notifications.send(session, messages, now=now)


_WHOM = text("""
SELECT i.id, i.member_id, CASE m.language WHEN 'en' THEN s.name_en ELSE s.name_da END AS activity
FROM survey_invitation i JOIN member m ON m.id = i.member_id JOIN survey s ON s.id = i.survey_id
WHERE i.id = ANY(:ids) ORDER BY i.id
""")
