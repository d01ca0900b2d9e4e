"""Many rows into the database: temporary tables where there is something to compare with, straight COPY where not."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any]"

# Every index, exclusion and foreign key but those that other tables refer to, as to the primary key; by its name.
_CONSTRAINTS = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint c
WHERE conrelid = $1::regclass AND contype IN ('u', 'x', 'f')
  AND (contype = 'f' OR NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid))
ORDER BY contype = 'f', conname"""
_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
WHERE i.indrelid = $1::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = i.indrelid AND c.conindid = i.indexrelid)"""


async def stage(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into a temporary table intake_<table>."""
    await empty_copy(connection, table, columns)
    await fill(connection, table, columns, rows)


async def fill(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    await connection.copy_records_to_table(f"intake_{table}", records=rows, columns=columns)
    await connection.execute(f"ANALYZE intake_{table}")


async def empty_copy(connection: Connection, table: str, columns: Sequence[str]) -> None:
    """A temporary table with some columns of another; it goes with the transaction, or with the next import in it."""
    name = f"intake_{table}"
    await connection.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    await connection.execute(
        f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {', '.join(columns)} FROM {table} WITH NO DATA"  # noqa: S608
    )


async def is_empty(connection: Connection, table: str) -> bool:
    """Whether the table holds nothing; if so it is locked, so that this stays true until the import ends."""
    if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):  # noqa: S608
        return False
    await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    return not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608


@asynccontextmanager
async def without_indexes(connection: Connection, table: str) -> AsyncIterator[None]:
    """Drop the indexes and foreign keys of an empty table, and make them again, the same, over what was loaded.

    Building them over all rows at once takes a third of the time of keeping them up row by row. It is all in one
    transaction: nobody sees the table without them.
    """
    constraints = await connection.fetch(_CONSTRAINTS, table)
    indexes = await connection.fetch(_INDEXES, table)
    for found in constraints:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {found['name']}")
    for found in indexes:
        await connection.execute(f"DROP INDEX {found['name']}")
    yield
    await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for found in indexes:
        await connection.execute(found["definition"])
    for found in constraints:
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {found['name']} {found['definition']}")


def rows_of(status: str) -> int:
    """How many rows a command says it touched."""
    return int(status.rsplit(" ", 1)[-1])
