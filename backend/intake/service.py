"""Import of the fund's nightly export: members, what belongs to them, their job log. See docs/import-format.md."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db import engine
from backend.intake import load_cards, load_log, load_people, load_spells, merge, read, rejects
from backend.intake.run import Progress, Run
from backend.intake.staging import Connection
from backend.intake.summary import Summary, Tally

LOCK = 7_401_954  # any number: two imports must not run at once


def silent(_file: str, _done: int, _size: int) -> None:
    """Progress that nobody watches."""


async def import_folder(
    session: AsyncSession,
    folder: Path,
    *,
    today: date | None = None,
    now: datetime,
    progress: Progress = silent,
    rejects_path: Path | None = None,
    plan_set: str = "metal",
) -> Summary:
    """Import one export in the caller's transaction; a refused one (over 5 % of a file faulty) leaves all as it was.

    `today` judges future dates: as given, else the manifest's, else the day of `now`. Faulty rows are listed in
    `rejects_path` (rejects.csv in the folder), refused or not. `progress` is told file, bytes read and its size.
    Spells of members are planned by the course plans of `plan_set`.
    Raises Unreadable before anything is stored.
    """
    sources = read.sources(folder)
    today = today or read.manifest_today(folder) or clock.local_date(now)
    path = rejects_path or folder / "rejects.csv"
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    with rejects.writing(path) as found:
        run = Run(sources, found, Tally(sources), progress, today, now, plan_set)
        savepoint = await session.begin_nested()
        await _load(session, await engine.raw(session), run)
        files = run.tally.close(found.counts)
        refused = any(file.too_faulty for file in files.values())
        await (savepoint.rollback() if refused else savepoint.commit())
    return Summary(files, today, refused, path)


async def _load(session: AsyncSession, connection: Connection, run: Run) -> None:
    await connection.execute("CREATE TEMP TABLE intake_touched (member_id uuid) ON COMMIT DROP")
    members = await load_people.load(connection, run)
    await load_spells.load(session, connection, run)
    await load_log.load(connection, run, members)
    await load_cards.load(session, connection, run, members)
    await merge.mark_stale(connection)
    await connection.execute("DROP TABLE intake_touched")
