"""The numbers of the sending rules, as data with a day from which they apply."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# No policy looks further back (sending_policy's check of smiley_days).
LONGEST_LOOK = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Wall-clock times in Denmark: nobody's phone rings from `quiet_from` to `quiet_until`; what was held is sent from
    `held_until`. A change on the day of the talk itself may ring from `same_day_from`.

    A member gets at most so many pushes a day and a week, and `smiley_days` lie between two about the colour.
    """

    version: int = 1
    quiet_from: time = time(20)
    quiet_until: time = time(8)
    held_until: time = time(8, 30)
    same_day_from: time = time(7)
    pushes_a_day: int = 2
    pushes_a_week: int = 5
    smiley_days: int = 7


STANDARD = Policy()


async def in_force(session: AsyncSession, day: date) -> Policy:
    """The version that applies on a day. Raises LookupError when none does yet."""
    row = (await session.execute(_IN_FORCE, {"day": day})).mappings().first()
    if row is None:
        raise LookupError("No version of the sending rules applies.")
    return Policy(**row)


_IN_FORCE = text("""
SELECT version, quiet_from, quiet_until, held_until, same_day_from, pushes_a_day, pushes_a_week, smiley_days
FROM sending_policy WHERE valid_from <= :day ORDER BY valid_from DESC LIMIT 1
""")
