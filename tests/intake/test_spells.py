"""What an export does to spells and plans."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import planning
from backend.course.forms import Answers
from backend.followup import course
from backend.intake import load_spells, service
from backend.intake.layout import EXEMPTIONS, MEMBERS
from tests import factories
from tests.intake.exports import member, rows, write

pytestmark = pytest.mark.db
NOW = datetime(2026, 8, 5, 3, 0, tzinfo=UTC)
ONE = "700001"
ANSWERS = Answers(job_goal="Smed", strengths="-", search_so_far="-", obstacles="-", help_wanted="-")


async def load(
    session: AsyncSession, folder: Path, *, now: datetime = NOW, exemptions: list[list[str]] | None = None, **of: str
) -> None:
    """An export in which one member is as given."""
    found = rows(joblog=[])
    found[MEMBERS][0] = member(ONE, **of)
    found[EXEMPTIONS] = exemptions or []
    assert not (await service.import_folder(session, write(folder, found), now=now)).refused


async def spells(session: AsyncSession) -> list[tuple[Any, ...]]:
    statement = text("""
        SELECT s.started_on, s.ended_on, p.plan, p.ended_at IS NULL FROM spell s JOIN spell_plan p ON p.spell_id = s.id
        JOIN member m ON m.id = s.member_id WHERE m.member_no = :no ORDER BY s.started_on, p.id""")
    return [tuple(row) for row in await session.execute(statement, {"no": ONE})]


async def items(session: AsyncSession) -> dict[str, Any]:
    statement = text("""
        SELECT o.activity, o.state, o.window_from, o.due_on, o.proposed_due_on, o.id FROM obligation o
        JOIN member m ON m.id = o.member_id WHERE m.member_no = :no AND o.state <> 'cancelled'
        ORDER BY o.window_from""")
    return {row.activity: row for row in await session.execute(statement, {"no": ONE})}


async def unsettled(session: AsyncSession) -> int:
    return int((await session.scalar(text("SELECT count(*) FROM spell WHERE unsettled"))) or 0)


async def test_whoever_becomes_unemployed_gets_a_plan_and_the_same_export_adds_nothing(
    session: AsyncSession, tmp_path: Path
) -> None:
    await load(session, tmp_path / "1", risiko="høj")
    first = await spells(session), await items(session)
    assert first[0] == [(date(2026, 8, 3), None, "bilag_8", True)]
    assert len(first[1]) == 9
    assert await session.scalar(text("SELECT count(*) FROM spell")) == 40
    assert await unsettled(session) == 40
    await load(session, tmp_path / "2", risiko="høj")
    assert (await spells(session), await items(session)) == first


async def test_a_first_day_put_right_moves_the_same_spell(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1")
    before = await items(session)
    await load(session, tmp_path / "2", ledig_fra="05-08-2026")
    assert await spells(session) == [(date(2026, 8, 5), None, "bilag_9", True)]
    after = await items(session)
    assert {name: row.id for name, row in after.items()} == {name: row.id for name, row in before.items()}
    assert (after["cv_job"].window_from, after["cv_job"].due_on) == (date(2026, 8, 5), date(2026, 8, 18))
    await load(session, tmp_path / "3", ledig_fra="01-07-2026")
    assert [spell[0] for spell in await spells(session)] == [date(2026, 7, 1)]


async def test_a_later_first_day_is_another_spell(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1")
    october = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)
    await load(session, tmp_path / "2", now=october, ledig_fra="01-10-2026")
    assert await spells(session) == [
        (date(2026, 8, 3), date(2026, 9, 30), "bilag_9", True),
        (date(2026, 10, 1), None, "bilag_9", True),
    ]
    assert (await items(session))["cv_job"].due_on == date(2026, 10, 14)


async def test_another_risk_replans_and_what_is_done_stays(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1")
    talk = (await items(session))["cv_job"].id
    await session.execute(
        text("UPDATE obligation SET state = 'done', done_on = '2026-08-05' WHERE id = :id"), {"id": talk}
    )
    await session.execute(text("UPDATE spell SET unsettled = false"))
    await load(session, tmp_path / "2", risiko="høj")
    assert await spells(session) == [
        (date(2026, 8, 3), None, "bilag_9", False), (date(2026, 8, 3), None, "bilag_8", True),
    ]  # fmt: skip
    found = await items(session)
    assert (found["cv_job"].id, found["cv_job"].state, len(found)) == (talk, "done", 9)
    assert await unsettled(session) == 1


async def test_what_an_adviser_decided_goes_before_the_models_risk(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1")
    member_id = await session.scalar(text("SELECT id FROM member WHERE member_no = :no"), {"no": ONE})
    adviser = await factories.staff(session)
    form = planning.Form(risk="low", reason="Har to samtaler", answers=ANSWERS)
    await course.clarify(session, member_id, form, staff_id=adviser.id, set_name="metal", now=NOW)
    await load(session, tmp_path / "2", risiko="høj")
    assert [spell[2:] for spell in await spells(session)] == [("bilag_9", True)]
    # The first day is a fact and no judgement: it is put right all the same.
    await load(session, tmp_path / "3", risiko="høj", ledig_fra="06-08-2026")
    assert await spells(session) == [(date(2026, 8, 6), None, "bilag_9", True)]


async def test_illness_and_holiday_of_the_export_move_last_days(session: AsyncSession, tmp_path: Path) -> None:
    ill = [[ONE, "sygdom", "17-08-2026", "28-08-2026"]]
    await load(session, tmp_path / "1", risiko="høj")
    await session.execute(text("UPDATE spell SET unsettled = false"))
    await load(session, tmp_path / "2", risiko="høj", exemptions=ill)
    found = await items(session)
    assert found["netcafe"].due_on == date(2026, 9, 4)
    assert await unsettled(session) == 1
    shorter = [[ONE, "sygdom", "17-08-2026", "18-08-2026"]]
    await load(session, tmp_path / "3", risiko="høj", exemptions=shorter)
    assert (await items(session))["netcafe"].due_on == date(2026, 8, 23)


async def test_statutory_talks_wait_for_a_decision(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, exemptions=[[ONE, "ferie", "03-08-2026", "14-08-2026"]])
    talk = (await items(session))["cv_job"]
    assert (talk.due_on, talk.proposed_due_on) == (date(2026, 8, 16), date(2026, 8, 28))


@pytest.mark.parametrize(("start", "left"), [
    ("20-07-2026", ["cv_job", "follow_up", "avail_job", "joint_1"]),  # late, but the talk must still be held
    ("01-06-2026", ["follow_up", "avail_job", "joint_1"]),
    ("01-01-2025", []),
])  # fmt: skip
async def test_nobody_is_asked_for_what_lies_behind(
    session: AsyncSession, tmp_path: Path, start: str, left: list[str]
) -> None:
    await load(session, tmp_path, ledig_fra=start)
    assert len(await spells(session)) == 1
    assert list(await items(session)) == left


async def test_who_was_unemployed_before_all_plans_has_no_spell(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1", ledig_fra="01-01-2010")
    assert await spells(session) == []
    await load(session, tmp_path / "2", ledig_fra="03-08-2026")
    assert len(await spells(session)) == 1
    await load(session, tmp_path / "3", ledig_fra="01-01-2010")
    assert [spell[0] for spell in await spells(session)] == [date(2026, 8, 3)]


async def test_what_staff_ended_is_not_begun_again(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path / "1")
    member_id = await session.scalar(text("SELECT id FROM member WHERE member_no = :no"), {"no": ONE})
    await course.end_spell(session, member_id, ended_on=date(2026, 8, 5), set_name="metal", now=NOW)
    await load(session, tmp_path / "2", now=NOW + timedelta(days=1))
    assert [spell[:2] for spell in await spells(session)] == [(date(2026, 8, 3), date(2026, 8, 5))]
    await load(session, tmp_path / "3", now=NOW + timedelta(days=9), ledig_fra="12-08-2026")
    assert [spell[0] for spell in await spells(session)] == [date(2026, 8, 3), date(2026, 8, 12)]


CONSTRAINTS = text("""
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid IN ('spell'::regclass, 'spell_plan'::regclass, 'obligation'::regclass)
    UNION ALL SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid IN ('spell'::regclass, 'spell_plan'::regclass, 'obligation'::regclass) ORDER BY 1, 2, 3""")


async def test_a_first_import_leaves_the_tables_as_they_were(
    session: AsyncSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await session.execute(CONSTRAINTS)).all()
    monkeypatch.setattr(load_spells, "BATCH", 15)
    await load(session, tmp_path, risiko="høj")
    assert (await session.execute(CONSTRAINTS)).all() == before
    assert await session.scalar(text("SELECT count(*) FROM obligation")) == 39 * 4 + 9
