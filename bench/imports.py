"""The import beside the bare COPY of the same rows, in the same run.

Members get their spells, plans and dated items too. The peers are COPYs of the same, clean rows, already as columns of
job_log_entry and member and in PostgreSQL's own text format: nothing is read, checked, looked up or compared. `bare`
has no index and no constraint at all; `like ours` has those of job_log_entry (primary key, unique number, member and
day, the foreign key to member, the CHECKs).
"""

import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from backend.db.engine import Sessions, make_engine, make_sessions, raw, transaction
from backend.intake import service, workers
from backend.intake.layout import BRANCHES, COLUMNS, EXEMPTIONS, LOG, MEMBERS, STAFF

TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 3, tzinfo=UTC)
ROWS_EACH = 26
EMPLOYERS = (
    "Nordsmed A/S",
    "Klejn & Co. I/S",
    '"Vikar ""Metal"" Nu"',
    "Fjord-Teknik",
    "Aalborg Værft",
    "Ørsted",
    "B&O",
)
TITLES = ("Klejnsmed", "Industritekniker", "Svejser (TIG)", "CNC-operatør", "Værkfører", "Mekaniker", "Datatekniker")


async def bench(url: str, scale: int) -> dict[str, object]:
    """`scale` members with 26 log rows each, on a migrated, empty database."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with tempfile.TemporaryDirectory() as name:
        write_export(Path(name), scale)
        first = await _timed_import(sessions, Path(name))
        bare = await _timed_copy(sessions, Path(name), like_ours=False)  # at once, while the machine is as it was
        again = await _timed_import(sessions, Path(name))
        peak = _peak_mb()
        like_ours = await _timed_copy(sessions, Path(name), like_ours=True)
    await engine.dispose()
    return {
        "what": "import of an export",
        "members": scale, "rows": scale * ROWS_EACH, "import_s": round(first, 2), "same_again_s": round(again, 2),
        "bare_copy_s": round(bare, 2), "copy_like_ours_s": round(like_ours, 2), "ratio_bare": round(first / bare, 2),
        "ratio_like_ours": round(first / like_ours, 2), "limit": 3.0, "peak_mb": round(peak), "limit_mb": 500,
    }  # fmt: skip


async def _timed_import(sessions: Sessions, folder: Path) -> float:
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        await service.import_folder(session, folder, now=NOW)
    return time.perf_counter() - begun


async def _timed_copy(sessions: Sessions, folder: Path, *, like_ours: bool) -> float:
    """COPY of members and log into tables of the same columns."""
    files = {table: folder / f"{table}.copy" for table in ("member", "job_log_entry")}
    async with transaction(sessions) as session:
        connection = await raw(session)
        for table, path in files.items():
            if not path.exists():
                await connection.copy_from_table(table, output=path)
            await connection.execute(f"CREATE TABLE peer_{table} (LIKE {table}{' INCLUDING ALL' if like_ours else ''})")
        if like_ours:
            await connection.execute("ALTER TABLE peer_job_log_entry ADD FOREIGN KEY (member_id) REFERENCES member")
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        connection = await raw(session)
        for table, path in files.items():
            await connection.copy_to_table(f"peer_{table}", source=path)
    taken = time.perf_counter() - begun
    async with transaction(sessions) as session:
        await (await raw(session)).execute("DROP TABLE peer_member, peer_job_log_entry")
    return taken


def _peak_mb() -> float:
    """Peak resident memory of this process and its encoders, of which the kernel tells the largest: all count as it."""
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + workers.MOST * largest) / 1024


def write_export(folder: Path, members: int) -> None:
    """A clean export of so many members, the same each time."""
    chance = random.Random(7)
    rows: dict[str, Iterator[str]] = {
        BRANCHES: (f"{n};Metal {n};hovedkontor;7100;Vejle;afd{n}@fund.example;33000000" for n in range(100, 155)),
        STAFF: (f"S{n:04d};Karen Kjær;s{n}@fund.example;jobvejleder;{100 + n % 55}" for n in range(78)),
        MEMBERS: _members(members),
        EXEMPTIONS: (f"{700_000 + n};ferie;02-11-2026;06-11-2026" for n in range(0, members, 10)),
        LOG: _log(chance, members),
    }
    for file, lines in rows.items():
        with (folder / file).open("w", encoding="utf-8-sig", newline="") as stream:
            stream.write(";".join(COLUMNS[file]) + "\r\n")
            stream.writelines(line + "\r\n" for line in lines)


def _members(members: int) -> Iterator[str]:
    for n in range(members):
        # Two years of first days: an eighth of the members have a course before them, all have a spell and a plan.
        start = TODAY - timedelta(days=1 + n * 37 % 728)
        yield (
            f"{700_000 + n};Søren Østergaard {n};17-05-1980;m{n}@mail.example;+45{20_000_000 + n};da;{100 + n % 55};"
            f"S{n % 78:04d};{start:%d-%m-%Y};fuldtid;{('lav', 'lav', 'høj')[n % 3]};nej;nej;2;1;2"
        )


def _log(chance: random.Random, members: int) -> Iterator[str]:
    days = [(TODAY - timedelta(days=back)).strftime("%d-%m-%Y") for back in range(91)]
    pick = chance.random
    for n in range(members * ROWS_EACH):
        day = days[int(pick() * 91)]
        yield (
            f"J{n:09d};{700_000 + n // ROWS_EACH};{day};{day} {6 + int(pick() * 17):02d}:{int(pick() * 60):02d};"
            f"{EMPLOYERS[int(pick() * 7)]};{TITLES[int(pick() * 7)]};{4000 + int(pick() * 500) * 10};DK;"
            f"{('opslået', 'uopfordret', 'netværk')[int(pick() * 3)]};fuldtid;{('ja', 'nej')[int(pick() * 2)]};søgt"
        )
