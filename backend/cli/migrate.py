"""`jobvej migrate`."""

import typer

from backend.cli.common import engine, err, load_data, run, settings
from backend.db import migrate


def register(app: typer.Typer) -> None:
    @app.command(name="migrate")
    def command() -> None:
        """Bring the database to the schema of this version. Safe to repeat, and when several start at once."""
        run(_migrate)


async def _migrate() -> None:
    async with engine(settings()) as (_url, opened):
        revision = await migrate.upgrade(opened)
        await load_data(opened)
    err.print(f"The database is at revision {revision}.", highlight=False)
