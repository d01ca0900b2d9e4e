"""Messages about a spell or an exemption go out only while it stands as told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import service as course
from backend.course.tables import Exemption
from backend.course.tables_plans import Spell
from backend.db.types import new_id
from backend.jobs import still_true_course
from backend.notifications.outbox import Claimed
from tests import factories
from tests.notifications.factories import NOON

pytestmark = pytest.mark.db


@dataclass(frozen=True)
class Row:
    """What the rules look at of a claimed delivery."""

    cause: Mapping[str, Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    period: str = "p"
    id: UUID = field(default_factory=new_id)


def claimed(*rows: Row) -> list[Claimed]:
    return cast("list[Claimed]", list(rows))


async def spell(session: AsyncSession, ended_on: date | None) -> Row:
    member = await factories.member(session)
    made = Spell(
        id=new_id(), member_id=member.id, started_on=date(2026, 8, 3), ended_on=ended_on, regime="2024",
        source="import", created_at=NOON,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return Row({"spell": str(made.id)})


async def test_a_message_about_a_spell_that_ended_is_untrue(session: AsyncSession) -> None:
    running, ended = await spell(session, None), await spell(session, date(2026, 11, 17))
    unknown = Row({"spell": str(new_id())})
    assert await still_true_course.spell_ended(session, claimed(running, ended, unknown)) == {ended.id, unknown.id}


async def excused(session: AsyncSession) -> Exemption:
    member, adviser = await factories.member(session), await factories.staff(session)
    return await course.grant_exemption(
        session, member.id, "ferie", from_on=date(2026, 11, 16), to_on=date(2026, 11, 27), reason=None,
        staff_id=adviser.id, now=NOON,
    )  # fmt: skip


async def test_an_exemption_holds_until_it_is_taken_back(session: AsyncSession) -> None:
    one, other = await excused(session), await excused(session)
    rows = [Row({"exemption": str(one.id)}), Row({"exemption": str(other.id)}), Row({})]
    assert await still_true_course.exemption_changed(session, claimed(*rows)) == set()
    await session.execute(update(Exemption).where(Exemption.id == one.id).values(cancelled_at=NOON))
    assert await still_true_course.exemption_changed(session, claimed(*rows)) == {rows[0].id}


async def test_an_exemption_that_ends_on_another_day_is_not_as_told(session: AsyncSession) -> None:
    made = await excused(session)
    cause = {"exemption": str(made.id)}
    as_told, before = Row(cause, {"until": "2026-11-27"}), Row(cause, {"until": "2026-11-20"})
    assert await still_true_course.exemption_changed(session, claimed(as_told, before)) == {before.id}


async def test_rows_without_an_exemption_ask_the_database_nothing(session: AsyncSession) -> None:
    assert await still_true_course.exemption_changed(session, claimed(Row({}))) == set()
    assert not session.in_transaction()
