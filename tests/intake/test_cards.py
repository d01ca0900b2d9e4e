"""Benefit cards in an export: optional, told once, faulty rows listed."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit.tables import BenefitCard
from backend.casework.tables_tasks import Task
from backend.clock import local_time
from backend.followup import card_reminders
from backend.intake import service
from backend.intake.layout import CARDS, OPTIONAL
from backend.intake.summary import Summary
from backend.members.tables import Member
from tests.intake.exports import rows, write

pytestmark = pytest.mark.db
NOW = datetime(2027, 1, 8, 3, 0, tzinfo=UTC)


async def load(session: AsyncSession, folder: Path, *lines: str) -> Summary:
    write(folder, rows())
    (folder / CARDS).write_text("\n".join([";".join(OPTIONAL[CARDS]), *lines]) + "\n")
    return await service.import_folder(session, folder, now=NOW)


async def test_cards_are_noted_once(session: AsyncSession, tmp_path: Path) -> None:
    lines = [f"7{n:05d};11-2026;24-11-2026" for n in range(1, 31)]
    first = await load(session, tmp_path, *lines)
    again = await load(session, tmp_path, *lines)
    assert (first.files[CARDS].added, again.files[CARDS].added, again.files[CARDS].unchanged) == (30, 0, 30)
    cards = (await session.scalars(select(BenefitCard))).all()
    assert {(card.month, card.sent_on, card.source) for card in cards} == {
        (date(2026, 11, 1), date(2026, 11, 24), "import")
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("999;11-2026;24-11-2026", "unknown_member"),
        (";11-2026;24-11-2026", "missing_id"),
        ("700002;13-2026;24-11-2026", "bad_date"),
        ("700002;11-2026;31-11-2026", "bad_date"),
        ("700002;11-2026;24-11-2027", "future_date"),
        ("700002;12-2026;24-11-2026", "bad_period"),
        ("700001;11-2026;25-11-2026", "duplicate_row"),
        ("700002;11-2026", "wrong_columns"),
    ],
)
async def test_faulty_cards(session: AsyncSession, tmp_path: Path, line: str, reason: str) -> None:
    good = [f"7{n:05d};10-2026;24-10-2026" for n in range(1, 31)]
    summary = await load(session, tmp_path, *good, "700001;11-2026;24-11-2026", line)
    assert summary.files[CARDS].rejected == {reason: 1}


async def test_an_export_without_cards_says_nothing_of_them(session: AsyncSession, tmp_path: Path) -> None:
    summary = await service.import_folder(session, write(tmp_path, rows()), now=NOW)
    assert CARDS not in summary.files


async def test_the_task_for_a_card_ends_when_it_comes(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, "700001;11-2026;24-11-2026")
    late = (await session.scalars(select(Member.id).where(Member.member_no == "700002"))).one()
    await card_reminders.last_day(session, [late], now=local_time(date(2027, 1, 8), NOW.time()))
    await load(session, tmp_path, "700002;11-2026;08-01-2027")
    assert (await session.scalars(select(Task.state).where(Task.member_id == late))).all() == ["cancelled"]
