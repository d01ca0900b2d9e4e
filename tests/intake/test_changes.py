"""What an import does to what is there already: it follows the CRM, and undoes nothing that was done here."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.intake import service
from backend.intake.layout import BRANCHES, EXEMPTIONS, LOG, MEMBERS, STAFF
from backend.intake.summary import Summary
from tests.intake.exports import ADVISER, BRANCH, entry, member, rows, write

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


async def load(session: AsyncSession, folder: Path, **more: list[list[str]]) -> Summary:
    return await service.import_folder(session, write(folder, rows(**more)), now=NOW)


async def run(session: AsyncSession, statement: str, **params: Any) -> Any:
    found = await session.execute(text(statement), params)
    return found.all() if found.returns_rows else None  # type: ignore[attr-defined]


async def stale(session: AsyncSession) -> list[str]:
    return [
        row.member_no
        for row in await run(
            session, "SELECT member_no FROM rating_current JOIN member ON id = member_id WHERE stale ORDER BY 1"
        )
    ]


async def rated(session: AsyncSession) -> None:
    await run(session, "UPDATE rating_current SET rated_on = '2026-11-11', colour = 'green', urgency = 3")


async def test_a_changed_entry_is_followed_and_the_change_is_kept(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry(), entry("J2")])
    await rated(session)
    summary = await load(session, tmp_path, joblog=[entry(status="afslag"), entry("J2"), entry("J3", stilling="Smed")])
    assert (summary.files[LOG].added, summary.files[LOG].changed, summary.files[LOG].unchanged) == (1, 1, 1)
    assert await run(session, "SELECT external_no, status, version FROM job_log_entry ORDER BY 1") == [
        ("J1", "rejected", 2), ("J2", "applied", 1), ("J3", "applied", 1),
    ]  # fmt: skip
    history = await run(session, "SELECT actor_kind, actor_id, event, before, after, at FROM job_log_history")
    assert history == [("import", None, "changed", {"status": "applied"}, {"status": "rejected"}, NOW)]
    assert await stale(session) == ["700001"]


async def test_an_export_never_deletes(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry(), entry("J2")])
    await load(session, tmp_path, joblog=[entry()], medlemmer=[member()])
    assert await run(session, "SELECT (SELECT count(*) FROM job_log_entry), (SELECT count(*) FROM member)") == [(2, 40)]


async def test_an_edit_made_here_stands_while_the_export_repeats_itself(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry()])
    await run(session, "UPDATE job_log_entry SET status = 'hired', has_document = false")
    assert (await load(session, tmp_path, joblog=[entry()])).files[LOG].unchanged == 1
    assert await run(session, "SELECT status, has_document FROM job_log_entry") == [("hired", False)]


async def test_a_withdrawn_entry_stays_withdrawn_and_an_uploaded_document_attached(
    session: AsyncSession, tmp_path: Path
) -> None:
    await load(session, tmp_path, joblog=[entry(ansoegning_vedhaeftet="nej")])
    await run(session, "UPDATE job_log_entry SET withdrawn_at = now(), has_document = true")
    await run(
        session,
        "INSERT INTO document (id, entry_id, member_id, file_name, media_type, size, sha256, storage_key, uploaded_at) "
        "SELECT id, id, member_id, 'cv.pdf', 'application/pdf', 1, '', 'key', now() FROM job_log_entry",
    )
    await load(session, tmp_path, joblog=[entry(ansoegning_vedhaeftet="nej", status="samtale")])
    assert await run(session, "SELECT status, has_document, withdrawn_at IS NULL FROM job_log_entry") == [
        ("interview", True, False)
    ]


async def test_only_the_way_a_row_is_quoted_is_no_change(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry()])
    await load(session, tmp_path, joblog=[entry(virksomhed=" Terma ")])
    assert await run(session, "SELECT version FROM job_log_entry") == [(1,)]
    assert await run(session, "SELECT id FROM job_log_history") == []


async def test_an_entry_made_in_the_app_is_not_touched(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry()])
    await run(session, "UPDATE job_log_entry SET external_no = NULL, source = 'app', import_hash = NULL")
    summary = await load(session, tmp_path, joblog=[entry(status="afslag")])
    assert summary.files[LOG].added == 1
    assert await run(session, "SELECT source, status FROM job_log_entry ORDER BY 1") == [
        ("app", "applied"), ("import", "rejected"),
    ]  # fmt: skip


async def test_an_entry_that_moves_to_another_member_makes_both_stale(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, joblog=[entry()])
    await rated(session)
    await load(session, tmp_path, joblog=[entry(medlemsnr="700002")])
    assert await stale(session) == ["700001", "700002"]


async def test_a_new_requirement_is_a_new_version_from_today(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path)
    await rated(session)
    changed = [member(krav_pr_uge="3"), *rows()[MEMBERS][1:]]
    summary = await load(session, tmp_path, medlemmer=changed)
    assert (summary.files[MEMBERS].changed, summary.files[MEMBERS].unchanged) == (1, 39)
    assert await run(
        session,
        "SELECT valid_from, min_per_week, source FROM search_requirement JOIN member m ON m.id = member_id "
        "WHERE member_no = '700001' ORDER BY 1",
    ) == [(date(2026, 8, 3), 2, "import"), (date(2026, 11, 18), 3, "import")]
    assert await stale(session) == ["700001"]
    assert (await load(session, tmp_path, medlemmer=changed)).files[MEMBERS].changed == 0


async def test_two_changes_on_one_day_are_one_version(session: AsyncSession, tmp_path: Path) -> None:
    for per_week in ("2", "3", "4"):
        await load(session, tmp_path, medlemmer=[member(krav_pr_uge=per_week)])
    assert await run(session, "SELECT min_per_week FROM search_requirement WHERE valid_from = '2026-11-18'") == [(4,)]


async def test_what_staff_agreed_is_not_undone(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, medlemmer=[member()])
    await run(
        session,
        "INSERT INTO search_requirement "
        "SELECT gen_random_uuid(), member_id, '2026-11-10', 5, 1, 2, 'staff', NULL, now() FROM search_requirement",
    )
    await load(session, tmp_path, medlemmer=[member()])
    assert await run(session, "SELECT source FROM search_requirement ORDER BY valid_from") == [("import",), ("staff",)]


async def test_exemptions_change_in_their_last_day_only(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path, fritagelser=[["700001", "sygdom", "02-11-2026", ""]])
    await rated(session)
    summary = await load(
        session, tmp_path,
        fritagelser=[["700001", "sygdom", "02-11-2026", "06-11-2026"], ["700002", "ferie", "02-11-2026", "03-11-2026"]],
    )  # fmt: skip
    assert (summary.files[EXEMPTIONS].added, summary.files[EXEMPTIONS].changed) == (1, 1)
    assert await run(session, "SELECT type, from_on, to_on, source FROM exemption ORDER BY 1") == [
        ("ferie", date(2026, 11, 2), date(2026, 11, 3), "import"),
        ("sygdom", date(2026, 11, 2), date(2026, 11, 6), "import"),
    ]
    assert await stale(session) == ["700001", "700002"]


async def test_a_new_start_is_followed_but_a_new_name_asks_for_no_new_rating(
    session: AsyncSession, tmp_path: Path
) -> None:
    await load(session, tmp_path)
    await rated(session)
    people = [member(navn="Søren  ØSTER"), member("700002", ledig_fra="01-09-2026")]
    assert (await load(session, tmp_path, medlemmer=people)).files[MEMBERS].changed == 2
    assert await run(session, "SELECT search_key FROM member WHERE member_no = '700001'") == [("søren øster",)]
    assert await stale(session) == ["700002"]


async def test_branches_and_staff_are_followed(session: AsyncSession, tmp_path: Path) -> None:
    await load(session, tmp_path)
    summary = await load(
        session, tmp_path,
        afdelinger=[[*BRANCH[:4], "Vejle Ø", *BRANCH[5:]], ["101", *BRANCH[1:]]],
        medarbejdere=[ADVISER, ["S2", "Ida Holm", "i@fund.example", "kontaktcenter", ""]],
    )  # fmt: skip
    assert (summary.files[BRANCHES].added, summary.files[BRANCHES].changed) == (1, 1)
    assert (summary.files[STAFF].added, summary.files[STAFF].unchanged) == (1, 1)
    assert await run(session, "SELECT role, branch_id FROM staff WHERE staff_no = 'S2'") == [("contact_centre", None)]


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("afdelinger", ["", *BRANCH[1:]], "missing_id"),
        ("afdelinger", ["101", "Vejle", "filial", *BRANCH[3:]], "unknown_type"),
        ("afdelinger", BRANCH, "duplicate_id"),
        ("medarbejdere", ADVISER, "duplicate_id"),
        ("medarbejdere", ["S2", "Ida", "i@fund.example", "direktør", ""], "unknown_role"),
        ("medarbejdere", ["S2", "Ida", "i@fund.example", "leder", "999"], "unknown_office"),
        ("medarbejdere", ["S2"], "wrong_columns"),
        ("medlemmer", member(), "duplicate_id"),
        ("medlemmer", member("800000", foedselsdato="x"), "bad_date"),
        ("medlemmer", member("800000", jobvejleder_nr="S9"), "unknown_adviser"),
        ("medlemmer", member("800000", forsikring="halvtid"), "unknown_insurance"),
        ("medlemmer", member("800000", risiko="middel"), "unknown_risk"),
        ("medlemmer", member("800000", it_medlem="måske"), "bad_yes_no"),
        ("medlemmer", member("800000", krav_pr_uge="to"), "bad_number"),
        ("medlemmer", member("800000", heraf_opslaaede="3"), "bad_number"),
        ("medlemmer", member("800000", navn="x" * 501), "bad_text"),
        ("fritagelser", ["123456", "ferie", "02-11-2026", ""], "unknown_member"),
        ("fritagelser", ["700001", "fri", "02-11-2026", ""], "unknown_type"),
        ("fritagelser", ["700001", "ferie", "", ""], "bad_date"),
        ("fritagelser", ["700001", "ferie", "02-11-2026", "01-11-2026"], "bad_period"),
        ("fritagelser", ["700003", "ferie", "02-11-2026", "09-11-2026"], "duplicate_row"),
    ],
)
async def test_a_faulty_row_of_any_file_costs_itself_alone(
    session: AsyncSession, tmp_path: Path, file: str, row: list[str], reason: str
) -> None:
    good = {
        "afdelinger": [BRANCH, *([str(200 + n), *BRANCH[1:]] for n in range(20))],
        "medarbejdere": [ADVISER, *([f"T{n}", *ADVISER[1:]] for n in range(20))],
        "medlemmer": rows()[MEMBERS],
        "fritagelser": [[f"7{n:05d}", "ferie", "02-11-2026", ""] for n in range(1, 40)],
    }
    summary = await load(session, tmp_path, **(good | {file: [*good[file], row]}))
    assert not summary.refused
    assert summary.files[f"{file}.csv"].rejected == {reason: 1}
    assert summary.files[f"{file}.csv"].added == len(good[file])
