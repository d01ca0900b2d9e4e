"""Which version of the rule's numbers applies on a day. A version is never changed once it applies."""

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import raw
from backend.rating.policy_values import Policy

IN_FORCE = """
SELECT version, numbers::text FROM rating_policy WHERE valid_from <= $1 ORDER BY valid_from DESC LIMIT 1
"""

NUMBERED = "SELECT version, numbers::text FROM rating_policy WHERE version = $1"


class Version(NamedTuple):
    number: int
    policy: Policy


async def in_force(connection: "asyncpg.Connection[Any]", day: date) -> Version:
    """The version that applies on a day. Raises LookupError when none does yet."""
    return _version(await connection.fetchrow(IN_FORCE, day))


async def on(session: AsyncSession, day: date) -> Version:
    """As `in_force`, for a session."""
    return await in_force(await raw(session, reading=True), day)


async def of_rating(session: AsyncSession, version: int) -> Policy:
    """The numbers that a rating was made with."""
    return _version(await (await raw(session, reading=True)).fetchrow(NUMBERED, version)).policy


def _version(row: Any) -> Version:
    if row is None:
        raise LookupError("No version of the rating rule applies.")
    return Version(row[0], _read(row[1]))


@lru_cache(maxsize=32)
def _read(numbers: str) -> Policy:
    return Policy.from_mapping(msgspec.json.decode(numbers))
