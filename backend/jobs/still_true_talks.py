"""Whether an agreement that a message reminds of is still to be kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications.claimed import Told

OPEN = text("SELECT id FROM agreement WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'open'")


async def agreement_ended(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The member ticked it off, or it was dropped."""
    about = {row.id: UUID(str(row.cause.get("task", row.period))) for row in rows}
    still = set(await session.scalars(OPEN, {"ids": list(about.values())}))
    return {row_id for row_id, agreement_id in about.items() if agreement_id not in still}
