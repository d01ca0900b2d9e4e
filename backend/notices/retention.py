"""The only way that a legal notice is ever deleted: when its time is over, with its letter and its events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The triggers that keep notices from being changed let a transaction delete them that says this.
PERMIT = text("SELECT set_config('jobvej.retention', 'on', true)")
WITHDRAW = text("SELECT set_config('jobvej.retention', 'off', true)")
OF = "notice_id IN (SELECT id FROM notice WHERE message_id = ANY(CAST(:ids AS uuid[])))"
DELETIONS = (
    text(f"DELETE FROM notice_event WHERE {OF}"),  # noqa: S608 - SQL of ours
    text(f"DELETE FROM notice_letter WHERE {OF}"),  # noqa: S608 - SQL of ours
    text("DELETE FROM notice WHERE message_id = ANY(CAST(:ids AS uuid[]))"),
)


async def delete(session: AsyncSession, message_ids: Sequence[UUID]) -> None:
    """Delete the notices of these messages; the caller has seen that no case needs them."""
    await session.execute(PERMIT)
    for statement in DELETIONS:
        await session.execute(statement, {"ids": list(message_ids)})
    await session.execute(WITHDRAW)
