"""The import as a whole, against a real database."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.intake import service
from backend.intake.errors import Unreadable
from backend.intake.layout import LOG, MEMBERS
from backend.intake.summary import Summary
from tests.intake import exports
from tests.intake.exports import entry, member, rows, write

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
SAMPLE_ROWS = ("branch", "staff", "member", "search_requirement", "rating_current", "exemption", "job_log_entry")


async def load(session: AsyncSession, folder: Path, now: datetime = NOW) -> Summary:
    return await service.import_folder(session, folder, now=now)


async def column(session: AsyncSession, statement: str, **params: Any) -> list[Any]:
    return list(await session.scalars(text(statement), params))


async def one(session: AsyncSession, statement: str, **params: Any) -> Any:
    return (await session.execute(text(statement), params)).one()


async def everything(session: AsyncSession) -> dict[str, list[Any]]:
    return {
        table: [tuple(row) for row in await session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]
        for table in SAMPLE_ROWS
    }


def listed(summary: Summary) -> list[list[str]]:
    with summary.rejects.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=";"))


async def test_exactly_the_rows_that_the_manifest_counts_are_rejected(session: AsyncSession, tmp_path: Path) -> None:
    manifest = json.loads((exports.SAMPLE / "manifest.json").read_text())
    summary = await load(session, exports.sample(tmp_path))
    assert not summary.refused
    assert {name: file.read for name, file in summary.files.items()} == manifest["rows"]
    for name, file in summary.files.items():
        assert file.rejected == manifest["faulty_rows"].get(name, {})
        assert file.added == file.read - file.faulty
    assert await column(session, "SELECT count(*) FROM job_log_entry") == [summary.files[LOG].added]


async def test_the_summary_has_the_promised_form(session: AsyncSession, tmp_path: Path) -> None:
    found = (await load(session, exports.sample(tmp_path))).as_json()
    assert set(found) == {"files", "today", "refused", "rejects"}
    assert set(found["files"][LOG]) == {"read", "added", "changed", "unchanged", "rejected"}
    assert found["today"] == "2026-11-18"
    assert json.loads(json.dumps(found)) == found


async def test_rejects_name_file_line_reason_and_value(session: AsyncSession, tmp_path: Path) -> None:
    found = rows()
    found[LOG][3] = entry("J200", virksomhed="Terma\nLystrup")  # takes two lines
    found[LOG].append(entry("J201", kanal="brevdue"))
    found[LOG].append(entry("J100"))
    summary = await load(session, write(tmp_path, found))
    assert listed(summary) == [
        ["file", "line", "reason", "value"],
        [LOG, "43", "unknown_channel", "brevdue"],
        [LOG, "44", "duplicate_row", "J100"],
    ]


async def test_the_same_export_again_adds_and_changes_nothing(session: AsyncSession, tmp_path: Path) -> None:
    first = await load(session, exports.sample(tmp_path))
    before = await everything(session)
    again = await load(session, tmp_path, NOW.replace(hour=20))
    for name, file in again.files.items():
        assert (file.added, file.changed, file.rejected) == (0, 0, first.files[name].rejected)
        assert file.unchanged == first.files[name].added
    assert await everything(session) == before
    assert await column(session, "SELECT count(*) FROM job_log_history") == [0]


async def test_the_windows_code_page_gives_the_same(session: AsyncSession, tmp_path: Path) -> None:
    found = rows()
    await load(session, write(tmp_path / "a", found))
    again = await load(session, write(tmp_path / "b", found, encoding="cp1252"))
    assert [(file.added, file.changed) for file in again.files.values()] == [(0, 0)] * 5
    assert await column(session, "SELECT DISTINCT name FROM member") == ["Søren Østergaard"]


async def test_more_than_one_row_in_twenty_faulty_refuses_all(session: AsyncSession, tmp_path: Path) -> None:
    found = rows()
    found[LOG] += [entry(f"J3{n}", kanal="brevdue") for n in range(3)]
    summary = await load(session, write(tmp_path, found))
    assert summary.refused
    assert summary.too_faulty == [LOG]
    assert len(listed(summary)) == 4
    assert all((file.added, file.changed, file.unchanged) == (0, 0, 0) for file in summary.files.values())
    assert not any((await everything(session)).values())


async def test_exactly_one_row_in_twenty_is_still_taken(session: AsyncSession, tmp_path: Path) -> None:
    found = rows()
    found[LOG] = found[LOG][:38] + [entry(f"J3{n}", kanal="brevdue") for n in range(2)]
    assert not (await load(session, write(tmp_path, found))).refused


async def test_a_refused_import_leaves_what_was_there(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, write(tmp_path, rows()))
    before = await everything(session)
    spoilt = rows()
    spoilt[MEMBERS] = [member(f"7{n:05d}", navn="Anders And") for n in range(1, 41)] + [member("")] * 4
    assert (await load(session, write(tmp_path, spoilt))).refused
    assert await everything(session) == before


async def test_an_unreadable_export_stores_nothing(session: AsyncSession, tmp_path: Path) -> None:
    (write(tmp_path, rows()) / LOG).unlink()
    with pytest.raises(Unreadable):
        await load(session, tmp_path)
    assert not any((await everything(session)).values())
    assert not (tmp_path / "rejects.csv").exists()


async def test_without_a_manifest_the_future_begins_after_the_day_of_the_import(
    session: AsyncSession, tmp_path: Path
) -> None:
    found = rows()
    found[LOG] += [entry("J301", soegt_dato="18-11-2026"), entry("J302", soegt_dato="19-11-2026")]
    late = datetime(2026, 11, 18, 22, 59, tzinfo=UTC)  # a minute to midnight in Denmark
    assert (await load(session, write(tmp_path, found), late)).files[LOG].rejected == {"future_date": 1}


async def test_the_manifest_sets_the_day_that_dates_are_judged_by(session: AsyncSession, tmp_path: Path) -> None:
    write(tmp_path, rows())
    (tmp_path / "manifest.json").write_text('{"today": "2026-11-01"}')
    summary = await load(session, tmp_path)
    assert summary.today == date(2026, 11, 1)
    assert summary.refused  # every row of the log is of 2 November


async def test_indexes_and_constraints_are_as_before_the_first_load(session: AsyncSession, tmp_path: Path) -> None:
    catalogue = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
        "SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 "
        "ORDER BY 1"
    )
    before = await column(session, catalogue)
    await load(session, exports.sample(tmp_path))
    assert await column(session, catalogue) == before


async def test_a_row_is_stored_as_it_stands(session: AsyncSession, tmp_path: Path) -> None:
    row = entry(
        "X1", registreret="25-10-2026 02:30", soegt_dato="24-10-2026", virksomhed=' Vikar "Metal" Nu ', land="DE",
        kanal="vikarbureau", tid="deltid", ansoegning_vedhaeftet="nej", status="ansat", stilling="", postnr="24937",
    )  # fmt: skip
    await load(session, write(tmp_path, rows(joblog=[row])))
    found = await one(session, "SELECT * FROM job_log_entry")
    assert found.logged_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (found.logged_on, found.applied_on) == (date(2026, 10, 25), date(2026, 10, 24))
    assert (found.employer, found.title, found.postcode, found.country) == ('Vikar "Metal" Nu', "", "24937", "DE")
    assert (found.channel, found.hours, found.has_document, found.status) == ("agency", "part", False, "hired")
    assert (found.source, found.external_no, found.version, found.withdrawn_at) == ("import", "X1", 1, None)


async def test_rows_of_people_are_stored_as_they_stand(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, write(tmp_path, rows()))
    found = await one(
        session,
        "SELECT m.*, b.branch_no, b.kind, s.staff_no, s.role, r.valid_from, r.min_per_week, r.min_posted_per_week, "
        "r.uploads_per_month, c.colour, c.since, c.stale FROM member m JOIN branch b ON b.id = m.branch_id "
        "JOIN staff s ON s.id = m.adviser_id JOIN search_requirement r ON r.member_id = m.id "
        "JOIN rating_current c ON c.member_id = m.id WHERE member_no = '700001'",
    )
    assert (found.search_key, found.born_on) == ("søren østergaard", date(1980, 5, 17))
    assert (found.branch_no, found.kind, found.staff_no, found.role) == ("100", "head_office", "S1", "adviser")
    assert found.valid_from == found.since == found.unemployed_from == date(2026, 8, 3)
    assert (found.min_per_week, found.min_posted_per_week, found.uploads_per_month) == (2, 1, 2)
    assert (found.insurance, found.risk, found.colour, found.stale) == ("full", "low", "none", False)
