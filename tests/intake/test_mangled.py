"""Any mangled file ends in a sentence, a refusal or rejected rows; never in a crash, and never with a good row lost."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions
from backend.intake import service
from backend.intake.errors import Unreadable
from backend.intake.layout import COLUMNS, LOG
from backend.intake.summary import Summary
from tests.intake.exports import entry, rows, write

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
FILES = st.sampled_from(list(COLUMNS))
BYTES = st.one_of(
    st.binary(max_size=8), st.sampled_from([b'"', b";", b"\r", b"\n", b"\0", b"\xff\xfe", b"\xe6", b'";"', b"\\."])
)
CUTS = st.tuples(FILES, st.floats(0, 1), st.integers(0, 40), BYTES)


async def imported(session: AsyncSession, folder: Path) -> Summary | None:
    """None where the export was unreadable, which is one of the two ways to end well."""
    try:
        return await service.import_folder(session, folder, now=NOW)
    except Unreadable:
        return None
    finally:
        shutil.rmtree(folder)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CUTS, min_size=1, max_size=4))
async def test_bytes_changed_anywhere_never_crash_an_import(
    sessions: Sessions, tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[str, float, int, bytes]]
) -> None:
    folder = write(tmp_path_factory.mktemp("mangled"), rows())
    for name, where, length, new in cuts:
        content = (folder / name).read_bytes()
        at = int(where * len(content))
        (folder / name).write_bytes(content[:at] + new + content[at + length :])
    async with sessions() as session:
        summary = await imported(session, folder)
        if summary is None:
            return
        stored = await session.scalar(text("SELECT count(*) FROM job_log_entry"))
        assert stored == summary.files[LOG].added
        for file in summary.files.values():
            assert summary.refused or file.read == file.added + file.faulty
        await session.rollback()


FAULTY = st.lists(
    st.one_of(
        st.sampled_from(COLUMNS[LOG][2:4]).map(lambda column: entry("F1", **{column: "31-02-2026"})),
        st.sampled_from(["kanal", "tid", "land", "status"]).map(lambda column: entry("F2", **{column: "?"})),
        st.lists(st.text("a;\"'\\\t", max_size=5), min_size=1, max_size=11),
        st.just(entry("J1000")),
    ),
    max_size=10,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FAULTY)
async def test_every_good_row_among_faulty_ones_is_kept(
    sessions: Sessions, tmp_path: Path, faulty: list[list[str]]
) -> None:
    good = [entry(f"J{n}", stilling=f"Smed {n}") for n in range(1000, 1250)]
    mixed = [good[0]]
    for n, row in enumerate(good[1:]):
        mixed += [row, *(faulty[n // 20 : n // 20 + 1] if n % 20 == 0 else [])]
    async with sessions() as session:
        summary = await service.import_folder(session, write(tmp_path, rows(joblog=mixed)), now=NOW)
        assert summary.files[LOG].added == 250
        assert summary.files[LOG].faulty == summary.files[LOG].read - 250
        await session.rollback()
