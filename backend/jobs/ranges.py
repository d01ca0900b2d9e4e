"""Cutting members into batches: ranges of ids, fixed when the run begins, so that nobody is skipped or met twice."""

from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.job import Payload

SIZE = 1000

# The first and the last id of each range; a range of one member has one for both.
EDGES = """
    SELECT id, is_first, is_last FROM (
        SELECT {column} AS id, row_number() OVER w % :size = 1 % :size AS is_first,
               row_number() OVER w % :size = 0 OR lead({column}) OVER w IS NULL AS is_last
        FROM {table} {where} WINDOW w AS (ORDER BY {column})) numbered
    WHERE is_first OR is_last ORDER BY id
"""
ALL_EDGES = text(EDGES.format(column="id", table="member", where=""))
STALE_EDGES = text(EDGES.format(column="member_id", table="rating_current", where="WHERE stale"))
# Spells whose change is still to be followed up, and members who have none: plans may not have reached them yet.
UNPLANNED = """(
    SELECT member_id FROM spell WHERE unsettled
    UNION SELECT id FROM member AS m WHERE NOT EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id)) AS waiting"""
UNPLANNED_EDGES = text(EDGES.format(column="member_id", table=UNPLANNED, where=""))
# Members about whose activities something is to be decided; those who were asked and have not answered.
_WAITING = "(SELECT DISTINCT member_id FROM survey_attendance WHERE state = 'waiting') AS waiting"
_ASKED = """(SELECT DISTINCT member_id FROM survey_invitation WHERE answered_at IS NULL AND declined_at IS NULL
    AND reminded_at IS NULL AND member_id IS NOT NULL) AS asked"""
WAITING_EDGES = text(EDGES.format(column="member_id", table=_WAITING, where=""))
ASKED_EDGES = text(EDGES.format(column="member_id", table=_ASKED, where=""))
_BETWEEN = "SELECT member_id FROM {table} WHERE member_id BETWEEN :first AND :last ORDER BY member_id"
WAITING = text(_BETWEEN.format(table=_WAITING))
ASKED = text(_BETWEEN.format(table=_ASKED))
ALL = text("SELECT id FROM member WHERE id BETWEEN :first AND :last ORDER BY id")
STALE = text(
    "SELECT member_id FROM rating_current WHERE member_id BETWEEN :first AND :last AND stale ORDER BY member_id"
)

UNPLANNED_MEMBERS = text(
    f"SELECT member_id FROM {UNPLANNED} WHERE member_id BETWEEN :first AND :last ORDER BY member_id"  # noqa: S608
)


async def everybody(session: AsyncSession) -> list[Payload]:
    """Ranges over all members."""
    return await _cut(session, ALL_EDGES)


async def stale(session: AsyncSession) -> list[Payload]:
    """Ranges over the members whose facts changed behind their rating."""
    return await _cut(session, STALE_EDGES)


async def waiting(session: AsyncSession) -> list[Payload]:
    """Ranges over the members who attended something that nothing was decided about."""
    return await _cut(session, WAITING_EDGES)


async def asked(session: AsyncSession) -> list[Payload]:
    """Ranges over the members who were asked, have not answered and were not reminded."""
    return await _cut(session, ASKED_EDGES)


async def members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(ALL, _bounds(payload))).scalars())


async def stale_members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(STALE, _bounds(payload))).scalars())


async def unplanned(session: AsyncSession) -> list[Payload]:
    """Ranges over the members whose course is to be planned or settled."""
    return await _cut(session, UNPLANNED_EDGES)


async def unplanned_members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(UNPLANNED_MEMBERS, _bounds(payload))).scalars())


async def waiting_members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(WAITING, _bounds(payload))).scalars())


async def asked_members(session: AsyncSession, payload: Payload) -> list[UUID]:
    return list((await session.execute(ASKED, _bounds(payload))).scalars())


async def once(_session: AsyncSession) -> list[Payload]:
    """One batch, for work that is not about members."""
    return [{}]


async def nobody(_session: AsyncSession, _payload: Payload) -> list[UUID]:
    return []


async def _cut(session: AsyncSession, edges: TextClause) -> list[Payload]:
    rows = (await session.execute(edges, {"size": SIZE})).all()
    firsts, lasts = [row.id for row in rows if row.is_first], [row.id for row in rows if row.is_last]
    return [{"first": str(first), "last": str(last)} for first, last in zip(firsts, lasts, strict=True)]


def _bounds(payload: Payload) -> dict[str, UUID]:
    return {"first": UUID(payload["first"]), "last": UUID(payload["last"])}
