"""What a member may change about themselves."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import Member


async def set_language(session: AsyncSession, member_id: UUID, language: str) -> None:
    """The language (da or en) of messages to the member."""
    await session.execute(update(Member).where(Member.id == member_id).values(language=language))
