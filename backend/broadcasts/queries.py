"""Reading broadcasts: the list, one with its stages and history, and how far the sending has come."""

from collections import Counter
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
class Listed:
    """A broadcast in the list: its author, how many members fitted when it was approved, for how many it is stored."""

    broadcast: Broadcast
    author: str
    planned: int | None
    stored: int


@dataclass(frozen=True, slots=True)
class Full:
    """A broadcast with who wrote and approved it, its stages with how many messages were stored, and every step.

    `planned`: how many members fitted when it was approved.
    """

    broadcast: Broadcast
    author: str
    approver: str | None
    planned: int | None
    stages: Sequence[BroadcastStage]
    stored: Mapping[int, int]
    steps: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of it so far: messages stored and read, and pushes by how they stand (`due` and final states).

    `told`: whose phone was told of it, or who has read it; a stop takes nothing back from them. `settled`: for whom
    nothing waits to be sent any more.
    """

    messages: int
    read: int
    told: int
    settled: int
    pushes: Mapping[str, int]


async def newest(session: AsyncSession, *, before: UUID | None = None, limit: int = 30) -> list[Listed]:
    """Broadcasts, newest first; those older than the one `before`. Two statements."""
    query = select(Broadcast).order_by(Broadcast.id.desc()).limit(limit)
    found = list(await session.scalars(query.where(Broadcast.id < before) if before else query))
    rows = await session.execute(_ABOUT, {"ids": [one.id for one in found]})
    about = {row.id: (row.author, row.planned, row.stored) for row in rows}
    return [Listed(one, *about[one.id]) for one in found]


async def full(session: AsyncSession, broadcast_id: UUID) -> Full:
    """One broadcast. Raises NotFound."""
    statement = select(Broadcast).where(Broadcast.id == broadcast_id)
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    people = await session.execute(_PEOPLE, {"ids": [found.author_id, found.approved_by]})
    names: dict[UUID | None, str] = {row.id: row.name for row in people}
    about = (await session.execute(_ABOUT, {"ids": [broadcast_id]})).one()
    stored = await session.execute(_STORED, {"broadcast": broadcast_id})
    stages = select(BroadcastStage).where(BroadcastStage.broadcast_id == broadcast_id).order_by(BroadcastStage.number)
    return Full(
        found,
        names[found.author_id],
        names.get(found.approved_by),
        about.planned,
        list(await session.scalars(stages.execution_options(populate_existing=True))),
        {row.stage: row.stored for row in stored},
        (await session.execute(_STEPS, {"broadcast": broadcast_id})).all(),
    )


async def progress(session: AsyncSession, stages: Sequence[BroadcastStage]) -> Progress:
    """Counted by the stages' ranges of ids, so that nothing else of the outbox is read."""
    counts = Counter(messages=0, read=0, told=0, settled=0)
    pushes: dict[str, int] = {}
    for stage in stages:
        if stage.begun_at is None:
            continue
        values = bounds(stage.begun_at) | {"broadcast": str(stage.broadcast_id)}
        told = (await session.execute(_TOLD, values)).one()
        counts.update(told._asdict())
        for row in await session.execute(_PUSHES, values):
            pushes[row.state] = pushes.get(row.state, 0) + row.n
    return Progress(**counts, pushes=pushes)


_PEOPLE = text("SELECT id, name FROM staff WHERE id = ANY(CAST(:ids AS uuid[]))")
_ABOUT = text("""
SELECT b.id, s.name AS author,
    (SELECT CAST(e.detail ->> 'members' AS int) FROM broadcast_event e
     WHERE e.broadcast_id = b.id AND e.kind = 'approved' ORDER BY e.id DESC LIMIT 1) AS planned,
    CAST(coalesce((SELECT sum(r.stored) FROM broadcast_range r WHERE r.broadcast_id = b.id), 0) AS int) AS stored
FROM broadcast b JOIN staff s ON s.id = b.author_id
WHERE b.id = ANY(CAST(:ids AS uuid[]))
""")
_STORED = text("""
SELECT stage, CAST(sum(stored) AS int) AS stored FROM broadcast_range WHERE broadcast_id = :broadcast GROUP BY stage
""")
_STEPS = text("""
SELECT e.kind, e.at, s.name AS staff, e.detail FROM broadcast_event e LEFT JOIN staff s ON s.id = e.staff_id
WHERE e.broadcast_id = :broadcast ORDER BY e.id
""")
_MINE = """
SELECT m.id FROM message m WHERE m.id BETWEEN :low AND :high AND m.params ->> 'broadcast' = :broadcast
"""
_TOLD = text(f"""
WITH mine AS MATERIALIZED ({_MINE}),
    waiting AS (SELECT DISTINCT d.message_id FROM mine m JOIN delivery d ON d.message_id = m.id),
    sent AS (SELECT DISTINCT d.message_id FROM mine m JOIN delivery_done d ON d.message_id = m.id
             WHERE d.state IN ('sent', 'bundled'))
SELECT count(*) AS messages, count(e.read_at) AS read,
    count(*) FILTER (WHERE s.message_id IS NOT NULL OR e.read_at IS NOT NULL) AS told,
    count(*) FILTER (WHERE w.message_id IS NULL) AS settled
FROM mine m
LEFT JOIN inbox_entry e ON e.message_id = m.id
LEFT JOIN waiting w ON w.message_id = m.id
LEFT JOIN sent s ON s.message_id = m.id
""")  # noqa: S608 - SQL of ours
_PUSHES = text(f"""
SELECT state, count(*) AS n FROM (
    SELECT d.state FROM ({_MINE}) m JOIN delivery d ON d.message_id = m.id
    UNION ALL SELECT d.state FROM ({_MINE}) m JOIN delivery_done d ON d.message_id = m.id) found
GROUP BY state
""")  # noqa: S608 - SQL of ours
