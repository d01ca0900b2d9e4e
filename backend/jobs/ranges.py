"""Cutting members into batches: ranges of ids, fixed when the run begins, so that nobody is skipped or met twice."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.job import Payload

SIZE = 1000

# The first and the last id of each range.
EDGES = """
    SELECT id FROM (SELECT {column} AS id, row_number() OVER w AS place, lead({column}) OVER w IS NULL AS is_last
                    FROM {table} {where} WINDOW w AS (ORDER BY {column})) numbered
    WHERE place % :size = 1 OR place % :size = 0 OR is_last ORDER BY place
"""
ALL_EDGES = text(EDGES.format(column="id", table="member", where=""))
STALE_EDGES = text(EDGES.format(column="member_id", table="rating_current", where="WHERE stale"))
ALL = text("SELECT id FROM member WHERE id BETWEEN :first AND :last ORDER BY id")
STALE = text(
    "SELECT member_id FROM rating_current WHERE member_id BETWEEN :first AND :last AND stale ORDER BY member_id"
)


async def everybody(session: AsyncSession) -> list[Payload]:
    """Ranges over all members."""
    return _paired((await session.execute(ALL_EDGES, {"size": SIZE})).scalars().all())


async def stale(session: AsyncSession) -> list[Payload]:
    """Ranges over the members whose facts changed behind their rating."""
    return _paired((await session.execute(STALE_EDGES, {"size": SIZE})).scalars().all())


async def members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(ALL, _bounds(payload))).scalars())


async def stale_members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(STALE, _bounds(payload))).scalars())


async def once(_session: AsyncSession) -> list[Payload]:
    """One batch, for work that is not about members."""
    return [{}]


async def nobody(_session: AsyncSession, _payload: Payload) -> list[UUID]:
    return []


def _paired(edges: Sequence[UUID]) -> list[Payload]:
    """A last range of one member has one edge for both."""
    firsts, lasts = edges[::2], edges[1::2]
    if len(lasts) < len(firsts):
        lasts = [*lasts, edges[-1]]
    return [{"first": str(first), "last": str(last)} for first, last in zip(firsts, lasts, strict=True)]


def _bounds(payload: Payload) -> dict[str, UUID]:
    return {"first": UUID(payload["first"]), "last": UUID(payload["last"])}
