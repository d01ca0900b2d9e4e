"""The job log: read, checked, encoded and copied at once, in flat memory."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import msgspec

from backend.db.series import Series
from backend.intake import merge, merge_log, parts, staging, workers
from backend.intake.checks import Fault
from backend.intake.layout import LOG
from backend.intake.log_rows import COPY_COLUMNS, COPY_HEAD, COPY_TAIL
from backend.intake.parts import Part, Task
from backend.intake.run import Run
from backend.intake.staging import Connection

TABLE = "job_log_entry"


async def load(connection: Connection, run: Run, members: Mapping[str, UUID]) -> None:
    """Into the table itself while it is empty, else by way of a temporary table that is compared with it."""
    source = run.sources[LOG]
    task = Task(str(source.path), source.encoding, run.today, Series().first, dict(members))
    if await staging.is_empty(connection, TABLE):
        async with staging.without_indexes(connection, TABLE):
            added, changed = await _copy(connection, run, task, TABLE), 0
        if await merge.any_rated(connection):
            await connection.execute(f"INSERT INTO intake_touched SELECT DISTINCT member_id FROM {TABLE}")  # noqa: S608
    else:
        await staging.empty_copy(connection, TABLE, COPY_COLUMNS)
        await _copy(connection, run, task, merge_log.STAGED)
        added, changed = await merge_log.merge(connection, run.now)
    run.tally.stored(LOG, added, changed)


async def _copy(connection: Connection, run: Run, task: Task, table: str) -> int:
    """COPY the good rows; returns how many stay when those that repeat an earlier number are gone."""
    seen: list[Part] = []
    status = await connection.copy_to_table(table, source=_rows(run, task, seen), columns=COPY_COLUMNS, format="binary")
    repeated = await merge_log.drop_repeated(connection, table, parts.suspects(seen))
    for line, number in repeated:
        run.rejects.add(LOG, line, Fault("duplicate_row", number))
    await connection.execute(f"ANALYZE {table}")
    return staging.rows_of(status) - len(repeated)


async def _rows(run: Run, task: Task, seen: list[Part]) -> AsyncIterator[bytes]:
    """What COPY is fed with. Notes of each part all but its rows."""
    file, source = run.tally.files[LOG], run.sources[LOG]
    yield COPY_HEAD
    async for part in workers.encoded(source, task):
        file.read += part.read
        for line, reason, value in part.faults:
            run.rejects.add(LOG, line, Fault(reason, value))
        yield part.rows
        seen.append(msgspec.structs.replace(part, rows=b"", faults=[]))
        run.progress(LOG, min(source.size, len(seen) * parts.SIZE), source.size)
    yield COPY_TAIL
