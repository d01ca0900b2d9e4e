"""Ratings as they were given: the one that holds, those before it, the one in force on a day."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import raw
from backend.rating import facts
from backend.rating.figures import Colour, Facts, Figures, Mode, Result
from backend.rating.tables import Rating, RatingCurrent


class Given(msgspec.Struct, frozen=True):
    """A rating as it was given. `result` is what the rule answered, for explanations and the way back."""

    id: UUID
    member_id: UUID
    mode: Mode
    rated_on: date
    rated_at: datetime
    policy_version: int
    corrected_at: datetime | None
    result: Result


class Place(NamedTuple):
    """Where a page of history ended."""

    rated_at: datetime
    id: UUID


async def current(session: AsyncSession, member_id: UUID) -> Given | None:
    """The rating that holds; None for a member not rated yet."""
    held = select(RatingCurrent.rating_id).where(RatingCurrent.member_id == member_id).scalar_subquery()
    return await _one(session, _ratings(Rating.id == held))


async def by_id(session: AsyncSession, member_id: UUID, rating_id: UUID) -> Given | None:
    """One of the member's ratings."""
    return await _one(session, _ratings(Rating.id == rating_id, Rating.member_id == member_id))


async def as_of(session: AsyncSession, member_id: UUID, day: date) -> Given | None:
    """The rating in force at the end of a day: the last given of the latest day rated until then."""
    latest = (Rating.rated_on.desc(), Rating.rated_at.desc(), Rating.id.desc())
    return await _one(
        session, _ratings(Rating.member_id == member_id, Rating.rated_on <= day).order_by(*latest).limit(1)
    )


async def history(session: AsyncSession, member_id: UUID, *, before: Place | None, limit: int) -> list[Given]:
    """The member's ratings, newest first, from the place on where the page before ended."""
    statement = _ratings(Rating.member_id == member_id)
    if before:
        statement = statement.where(tuple_(Rating.rated_at, Rating.id) < tuple_(before.rated_at, before.id))
    rows = await session.execute(statement.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(limit))
    return [_given(row) for row in rows]


async def facts_of(session: AsyncSession, member_id: UUID, today: date) -> Facts | None:
    """What the rule would read about the member now, for the way back; None without a requirement."""
    known = await facts.of_members(await raw(session, reading=True), [member_id], today, "event")
    return known[0].facts if known else None


# One pass over the latest rating of each member, by the index on (member_id, rated_at, id).
IN_FORCE = text("""
    SELECT m.member_no, r.colour, r.counted, r.required, r.due_days, r.trailing_zero_weeks, r.reasons
    FROM member m
    CROSS JOIN LATERAL (SELECT * FROM rating x WHERE x.member_id = m.id AND x.rated_on <= :day
                        ORDER BY x.rated_on DESC, x.rated_at DESC, x.id DESC LIMIT 1) r
    ORDER BY m.member_no COLLATE "C"
""")


async def in_force(session: AsyncSession, day: date) -> AsyncIterator[Row[Any]]:
    """Every rated member's figures in force at the end of a day, streamed in order of member number."""
    async for row in await session.stream(IN_FORCE, {"day": day}, execution_options={"yield_per": 5000}):
        yield row


_COLUMNS = tuple(Rating.__table__.columns)


def _ratings(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*_COLUMNS).where(*conditions)


async def _one(session: AsyncSession, statement: Select[Any]) -> Given | None:
    row = (await session.execute(statement)).one_or_none()
    return _given(row) if row else None


def _given(row: Row[Any]) -> Given:
    return Given(
        row.id,
        row.member_id,
        row.mode,
        row.rated_on,
        row.rated_at,
        row.policy_version,
        row.corrected_at,
        _result(row),
    )


def _result(row: Row[Any]) -> Result:
    colour: Colour = row.colour
    return Result(
        colour,
        row.previous,
        row.counted,
        row.required,
        row.due_days,
        row.trailing_zero_weeks,
        tuple(row.reasons),
        tuple(row.actions),
        row.counted / row.required if row.required else None,
        msgspec.convert(row.evidence, Figures),
    )
