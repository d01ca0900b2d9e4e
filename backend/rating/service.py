"""Rating a set of members: lock, read, rate, write, in a number of statements that does not grow with the members."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.engine import raw
from backend.db.types import new_id
from backend.rating import facts, facts_sql, packed, policy, rules
from backend.rating.context import Context
from backend.rating.figures import Colour, Figures, Mode, Result

COLUMNS = (
    "id", "member_id", "mode", "rated_on", "rated_at", "colour", "previous", "counted", "required", "due_days",
    "trailing_zero_weeks", "reasons", "actions", "policy_version", "evidence",
)  # fmt: skip


class Rated(msgspec.Struct, frozen=True):
    """A rating that was written. `figures` is what an explanation needs, `actions` the rule's own codes."""

    rating_id: UUID
    member_id: UUID
    rated_on: date
    before: Colour
    after: Colour
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    counted: int
    required: int
    figures: Figures

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def evidence(self) -> dict[str, Any]:
        """The figures as they are stored with the rating."""
        found: dict[str, Any] = msgspec.to_builtins(self.figures)
        return found


async def rate(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime, mode: Mode) -> list[Rated]:
    """Rate the members as of the Danish day of `now` and hold the results; one `Rated` for every rating written.

    Weekly: one rating per member and day; who has one, or holds one of a later day, is left out. Event: a rating is
    written only when colour, figures or reasons are others than before. A member without a requirement is left out.
    """
    if not member_ids:
        return []
    connection = await raw(session)
    today = local_date(now)
    version = await policy.in_force(connection, today)
    await connection.execute(facts_sql.ENROL, member_ids)
    await connection.execute(facts_sql.LOCK, member_ids)
    context = Context.of(version.policy, today, mode)
    known = await facts.of_members(connection, member_ids, today, mode)
    found = [(each, rules.rate_in(context, each.facts)) for each in known]
    if mode == "event":
        await connection.execute(facts_sql.FRESH, member_ids)
        found = [(each, result) for each, result in found if each.held != _held(result)]
    written = [(_rated(each.member_id, result, today), result) for each, result in found]
    await _write(connection, written, version.number, now)
    return [rated for rated, _ in written]


def _held(result: Result) -> tuple[Any, ...]:
    """What is compared with the rating that holds, to tell whether an event changed anything."""
    return (
        result.colour,
        result.counted,
        result.required,
        result.due_days,
        result.trailing_zero_weeks,
        list(result.reasons),
    )


def _rated(member_id: UUID, result: Result, today: date) -> Rated:
    return Rated(
        new_id(),
        member_id,
        today,
        result.previous,
        result.colour,
        result.reasons,
        result.actions,
        result.counted,
        result.required,
        packed.readable(result.figures),
    )


async def _write(
    connection: "asyncpg.Connection[Any]", found: Sequence[tuple[Rated, Result]], version: int, now: datetime
) -> None:
    if not found:
        return
    records = [_record(rated, result, version, now) for rated, result in found]
    await connection.copy_records_to_table("rating", columns=COLUMNS, records=records)
    await connection.execute(facts_sql.HOLD, [rated.rating_id for rated, _ in found])


def _record(rated: Rated, result: Result, version: int, now: datetime) -> tuple[Any, ...]:
    return (
        rated.rating_id,
        rated.member_id,
        result.figures.mode,
        rated.rated_on,
        now,
        result.colour,
        result.previous,
        result.counted,
        result.required,
        result.due_days,
        result.trailing_zero_weeks,
        result.reasons,
        result.actions,
        version,
        msgspec.json.encode(rated.figures).decode(),
    )
