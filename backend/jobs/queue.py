"""The way onto the queue: in the transaction of what causes the work, so that both happen or neither."""

import json
from collections.abc import Sequence
from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import raw

ENTRYPOINT = "batch"


def key(run_id: UUID, number: int) -> str:
    """A batch is queued once at a time under this key."""
    return f"{run_id}:{number}"


async def enqueue(session: AsyncSession, batches: Sequence[tuple[UUID, int]]) -> None:
    """Queue batches of runs; those queued already stay as they are. Takes effect with the session's commit."""
    if not batches:
        return
    connection = await raw(session)
    assert connection.is_in_transaction()
    await Queries(AsyncpgDriver(connection)).enqueue(
        [ENTRYPOINT] * len(batches),
        [json.dumps({"run": str(run_id), "number": number}).encode() for run_id, number in batches],
        [0] * len(batches),
        dedupe_key=[key(*batch) for batch in batches],
        on_conflict="skip",
    )


def decode(payload: bytes | None) -> tuple[UUID, int]:
    """The batch that a queued payload names."""
    found = json.loads(payload or b"{}")
    return UUID(found["run"]), int(found["number"])
