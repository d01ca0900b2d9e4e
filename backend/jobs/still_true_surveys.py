"""Whether a member still wants, and should, be asked about an activity when the message goes out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.feedback import known
from backend.notifications.claimed import Told

# Asked with the reminder when there was one. An invitation that was answered, declined or not wanted is none, nor is
# one of somebody who was not there after all.
STANDING = text("""
    SELECT i.id, i.member_id, COALESCE(i.reminded_at, i.invited_at) AS at FROM survey_invitation AS i
    JOIN survey_attendance AS a ON a.id = i.attendance_id AND a.state = 'invited'
    WHERE i.id = ANY(CAST(:ids AS uuid[])) AND i.answered_at IS NULL AND i.declined_at IS NULL
        AND NOT EXISTS (SELECT FROM survey_opt_out AS o
                        WHERE o.member_id = i.member_id AND o.until > i.invited_at)
""")
EVER = datetime.max.replace(tzinfo=UTC)


async def need_not_answer(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """It was answered or declined, or something hard happened since it was decided to ask."""
    about = {row.id: UUID(str(row.cause.get("invitation", row.period.partition(":")[0]))) for row in rows}
    standing = {row.id: row for row in await session.execute(STANDING, {"ids": list(about.values())})}
    if not standing:
        return set(about)
    asked = {row.member_id: row.at for row in standing.values()}
    hard = await known.sensitive_at(session, list(asked), since=min(asked.values()), until=EVER)
    quiet = {member_id for member_id, at in hard.items() if at > asked[member_id]}
    return {row.id for row in rows if about[row.id] not in standing or row.member_id in quiet}
