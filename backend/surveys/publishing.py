"""New versions of surveys, questions and the policy from a file: they apply from a day to come, never backwards."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict, Invalid
from backend.i18n import N_
from backend.surveys import catalogue
from backend.surveys import policy as policies
from backend.surveys.catalogue import NewQuestion, NewSurvey


class NewPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of the policy: the numbers that change; the others stay as they are in the version before."""

    version: int
    valid_from: date
    numbers: dict[str, int]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds, in the order in which it is stored."""

    question: tuple[NewQuestion, ...] = ()
    survey: tuple[NewSurvey, ...] = ()
    policy: tuple[NewPolicy, ...] = ()


def read(raw: str) -> Changes:
    """The file's content, written as data/standard.toml is. Raises Invalid for what is no such file."""
    try:
        return msgspec.convert(tomllib.loads(raw), Changes)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid(N_("This is no file of surveys: {why}"), why=str(error)) from error


async def adopt(session: AsyncSession, changes: Changes, *, today: date) -> None:
    """Store what is new; what is stored already stays, so that repeating it changes nothing.

    Raises Invalid for what would apply today or earlier, and for other questions within a quarter: figures of one
    quarter are of the same questions. Raises Conflict for a version that exists with another content.
    """
    before = {one.key: await _questions(session, one.key, one.valid_from, one.version) for one in changes.survey}
    new = [one for one in changes.survey if not await _stored(session, one)]
    await catalogue.publish(session, changes.question, changes.survey)
    for one in new:
        _check_day(one.valid_from, today)
        after = await _questions(session, one.key, one.valid_from, one.version + 1)
        if before[one.key] not in ([], after) and not _begins_quarter(one.valid_from):
            raise Invalid(N_("Other questions are asked from the first day of a quarter on."), field=one.key)
    for policy in changes.policy:
        await _store(session, policy, today)


def _check_day(valid_from: date, today: date) -> None:
    if valid_from <= today:
        raise Invalid(N_("What is new applies from tomorrow at the earliest."), field="valid_from")


def _begins_quarter(day: date) -> bool:
    return (day.month % 3, day.day) == (1, 1)


async def _stored(session: AsyncSession, one: NewSurvey) -> bool:
    return bool(await session.scalar(_IS_STORED, {"key": one.key, "version": one.version}))


async def _questions(session: AsyncSession, key: str, day: date, below: int) -> Sequence[UUID]:
    """The questions of the version below this one that applies on the day; none when there is none."""
    return (await session.execute(_QUESTIONS, {"key": key, "day": day, "below": below})).scalars().all()


async def _store(session: AsyncSession, new: NewPolicy, today: date) -> None:
    _, before = await catalogue.policy_on(session, new.valid_from)
    numbers = asdict(before) | new.numbers
    try:
        policies.from_mapping(numbers)
    except ValueError as error:
        raise Invalid(N_("This is no file of surveys: {why}"), why=str(error)) from error
    values = {"version": new.version, "from": new.valid_from, "numbers": json.dumps(numbers)}
    same = await session.scalar(_SAME_POLICY, values)
    if same is None:
        _check_day(new.valid_from, today)
        await session.execute(_POLICY, values)
    elif not same:
        raise Conflict(N_("This version of the policy exists with other numbers. Give it a new version."))


_IS_STORED = text("SELECT EXISTS (SELECT FROM survey WHERE key = :key AND version = :version)")
_QUESTIONS = text("""
SELECT i.question_id FROM survey_item i
WHERE i.survey_id = (
    SELECT id FROM survey WHERE key = :key AND valid_from <= :day AND version < :below
    ORDER BY valid_from DESC LIMIT 1
) ORDER BY i.position
""")
_SAME_POLICY = text("""
SELECT (version, valid_from, numbers) = (:version, CAST(:from AS date), CAST(:numbers AS jsonb))
FROM survey_policy WHERE version = :version OR valid_from = :from LIMIT 1
""")
_POLICY = text("""
INSERT INTO survey_policy (version, valid_from, numbers) VALUES (:version, :from, CAST(:numbers AS jsonb))
""")
