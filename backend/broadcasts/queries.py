"""Reading broadcasts: the list, one with its stages and history, and how far the sending has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts.sending import bounds
from backend.broadcasts.tables import Broadcast, BroadcastStage
from backend.errors import NotFound


@dataclass(frozen=True, slots=True)
class Full:
    """A broadcast with who wrote and approved it, its stages, and every step."""

    broadcast: Broadcast
    author: str
    approver: str | None
    stages: Sequence[BroadcastStage]
    steps: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of it so far: messages stored and read, and pushes by how they stand (`due` and final states)."""

    messages: int
    read: int
    pushes: Mapping[str, int]


async def newest(session: AsyncSession, *, before: UUID | None = None, limit: int = 30) -> list[Broadcast]:
    """Broadcasts, newest first; those older than the one `before`."""
    query = select(Broadcast).order_by(Broadcast.id.desc()).limit(limit)
    return list(await session.scalars(query.where(Broadcast.id < before) if before else query))


async def full(session: AsyncSession, broadcast_id: UUID) -> Full:
    """One broadcast. Raises NotFound."""
    statement = select(Broadcast).where(Broadcast.id == broadcast_id)
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    people = await session.execute(_PEOPLE, {"ids": [found.author_id, found.approved_by]})
    names: dict[UUID | None, str] = {row.id: row.name for row in people}
    stages = select(BroadcastStage).where(BroadcastStage.broadcast_id == broadcast_id).order_by(BroadcastStage.number)
    return Full(
        found,
        names[found.author_id],
        names.get(found.approved_by),
        list(await session.scalars(stages.execution_options(populate_existing=True))),
        (await session.execute(_STEPS, {"broadcast": broadcast_id})).all(),
    )


async def progress(session: AsyncSession, stages: Sequence[BroadcastStage]) -> Progress:
    """Counted by the stages' ranges of ids, so that nothing else of the outbox is read."""
    messages = read = 0
    pushes: dict[str, int] = {}
    for stage in stages:
        if stage.begun_at is None:
            continue
        values = bounds(stage.begun_at) | {"broadcast": str(stage.broadcast_id)}
        told = (await session.execute(_TOLD, values)).one()
        messages, read = messages + told.messages, read + told.read
        for row in await session.execute(_PUSHES, values):
            pushes[row.state] = pushes.get(row.state, 0) + row.n
    return Progress(messages, read, pushes)


_PEOPLE = text("SELECT id, name FROM staff WHERE id = ANY(CAST(:ids AS uuid[]))")
_STEPS = text("""
SELECT e.kind, e.at, s.name AS staff, e.detail FROM broadcast_event e LEFT JOIN staff s ON s.id = e.staff_id
WHERE e.broadcast_id = :broadcast ORDER BY e.id
""")
_MINE = """
SELECT m.id FROM message m WHERE m.id BETWEEN :low AND :high AND m.params ->> 'broadcast' = :broadcast
"""
_TOLD = text(f"""
SELECT count(*) AS messages, count(e.read_at) AS read
FROM ({_MINE}) m LEFT JOIN inbox_entry e ON e.message_id = m.id
""")  # noqa: S608 - SQL of ours
_PUSHES = text(f"""
SELECT state, count(*) AS n FROM (
    SELECT d.state FROM ({_MINE}) m JOIN delivery d ON d.message_id = m.id
    UNION ALL SELECT d.state FROM ({_MINE}) m JOIN delivery_done d ON d.message_id = m.id) found
GROUP BY state
""")  # noqa: S608 - SQL of ours
