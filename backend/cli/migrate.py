"""`jobvej migrate`."""

import typer

from backend.cli.common import err, run, server, settings
from backend.db import migrate
from backend.db.engine import make_engine


def register(app: typer.Typer) -> None:
    @app.command(name="migrate")
    def command() -> None:
        """Bring the database to the schema of this version. Safe to repeat, and when several start at once."""
        run(_migrate)


async def _migrate() -> None:
    async with server(settings()) as url:
        engine = make_engine(url)
        try:
            revision = await migrate.upgrade(engine)
        finally:
            await engine.dispose()
    err.print(f"The database is at revision {revision}.", highlight=False)
