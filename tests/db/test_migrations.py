"""The migrations are the schema: up, down and up again, and no difference from the tables in the code."""

import asyncpg
import pytest

from backend.db import migrate
from backend.db.engine import make_engine
from backend.schema import metadata

pytestmark = pytest.mark.db


async def test_up_down_up_and_no_drift(fresh_database: str) -> None:
    engine = make_engine(fresh_database)
    assert await migrate.drift(engine, metadata) == []
    await migrate.downgrade(engine, "base")
    async with engine.connect() as connection:
        left = (
            (
                await connection.exec_driver_sql(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
                    "UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e' "
                    "UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
                    "AND proname LIKE 'refuse%'"
                )
            )
            .scalars()
            .all()
        )
    assert set(left) == {"alembic_version"}
    assert await migrate.pending(engine)
    await migrate.upgrade(engine)
    assert await migrate.drift(engine, metadata) == []
    await engine.dispose()


async def test_append_only_tables_refuse_change(fresh_database: str) -> None:
    connection = await asyncpg.connect(fresh_database.replace("+asyncpg", ""))
    for table in ("access_log", "case_history", "job_log_history"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET at = now()", f"TRUNCATE {table}"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(statement)
    await connection.close()
