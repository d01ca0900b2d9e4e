"""Bring a database to the schema of this program, and compare the two."""

from typing import Any

import alembic.command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = __file__.rsplit("/", 1)[0] + "/migrations"
# Any number: two starting processes must not migrate at once.
LOCK = 7_401_953


def config(**attributes: Any) -> Config:
    found = Config()
    found.set_main_option("script_location", MIGRATIONS)
    found.attributes.update(attributes)
    return found


def ignore_foreign(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The queue's own tables are in the migration as SQL, not in our metadata."""
    return not (kind == "table" and name is not None and name.startswith("pgqueuer"))


async def upgrade(engine: AsyncEngine, revision: str = "head") -> str:
    """Migrate up to a revision; safe when many processes start at once. Returns the revision reached."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await connection.run_sync(lambda sync: alembic.command.upgrade(config(connection=sync), revision))
        return await connection.run_sync(_current) or ""


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await connection.run_sync(lambda sync: alembic.command.downgrade(config(connection=sync), revision))


async def pending(engine: AsyncEngine) -> bool:
    """Whether the database is behind this program."""
    async with engine.connect() as connection:
        return await connection.run_sync(_current) != head()


def head() -> str | None:
    return ScriptDirectory.from_config(config()).get_current_head()


async def drift(engine: AsyncEngine, metadata: MetaData) -> list[Any]:
    """What differs between a migrated database and the tables in the code: empty when they agree."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"include_object": ignore_foreign, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        return await connection.run_sync(compare)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
