"""The job log: read, checked and copied at once, in flat memory."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from backend.intake import merge, merge_log, staging
from backend.intake.checks import Fault
from backend.intake.layout import LOG
from backend.intake.log_rows import COPY_COLUMNS, COPY_HEAD, COPY_TAIL, LogEncoder
from backend.intake.run import Run
from backend.intake.staging import Connection
from backend.intake.uuids import Series

CHUNK = 1 << 18  # bytes handed to the driver at a time
TABLE = "job_log_entry"


async def load(connection: Connection, run: Run, members: Mapping[str, UUID]) -> None:
    """Into the table itself while it is empty, else by way of a temporary table that is compared with it."""
    encoder = LogEncoder(members, run.today, Series().first)
    if await staging.is_empty(connection, TABLE):
        async with staging.without_indexes(connection, TABLE):
            added, changed = await _copy(connection, run, encoder, TABLE), 0
        if await merge.any_rated(connection):
            await connection.execute(f"INSERT INTO intake_touched SELECT DISTINCT member_id FROM {TABLE}")  # noqa: S608
    else:
        await staging.empty_copy(connection, TABLE, COPY_COLUMNS)
        await _copy(connection, run, encoder, merge_log.STAGED)
        added, changed = await merge_log.merge(connection, run.now)
    run.tally.stored(LOG, added, changed)


async def _copy(connection: Connection, run: Run, encoder: LogEncoder, table: str) -> int:
    """COPY the good rows; returns how many stay when those that repeat an earlier number are gone."""
    status = await connection.copy_to_table(table, source=_encoded(run, encoder), columns=COPY_COLUMNS, format="binary")
    repeated = await merge_log.drop_repeated(connection, table, encoder.suspects)
    for line, number in repeated:
        run.rejects.add(LOG, line, Fault("duplicate_row", number))
    await connection.execute(f"ANALYZE {table}")
    return staging.rows_of(status) - len(repeated)


async def _encoded(run: Run, encoder: LogEncoder) -> AsyncIterator[bytes]:
    file, encode = run.tally.files[LOG], encoder.encode
    buffer = bytearray(COPY_HEAD)
    for line, fields, raw in run.records(LOG):
        file.read += 1
        try:
            buffer += encode(line, fields, raw)
        except Fault as fault:
            run.rejects.add(LOG, line, fault)
        if len(buffer) >= CHUNK:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + COPY_TAIL
