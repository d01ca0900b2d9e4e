"""`jobvej survey-wall ROLE`: close the tables of raw survey answers to a role of the database."""

import re

import typer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.cli.common import CliError, Database, database, err, run, settings
from backend.db.engine import transaction
from backend.surveys import wall

# Names that need no quoting: a role is made for this, and named plainly.
PLAIN = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")


def register(app: typer.Typer) -> None:
    @app.command(name="survey-wall")
    def command(
        role: str = typer.Argument(help="A role of the database, of people or programs that read it beside Jobvej."),
        check: bool = typer.Option(
            False, "--check", help="Change nothing; exit code 1 when the role can read answers."
        ),
    ) -> None:
        """Let a role read the survey figures, and never what one member answered. Safe to repeat."""
        if not PLAIN.match(role):
            raise CliError("Name the role in small letters, digits and underscores.")
        readable = run(lambda: _wall(role, check=check))
        if readable:
            err.print(f"{role} can read: {', '.join(readable)}.", highlight=False)
            raise typer.Exit(1)
        err.print(f"{role} can read no answers, only figures.", highlight=False)


async def _wall(role: str, *, check: bool) -> list[str]:
    async with database(settings()) as opened:
        try:
            return await _walled(opened, role, check=check)
        except DBAPIError as error:
            raise CliError(f"The database refused: there is no role “{role}”, or it is not ours to change.") from error


async def _walled(opened: Database, role: str, *, check: bool) -> list[str]:
    async with transaction(opened.sessions) as session:
        if not check:
            for statement in wall.statements(role):
                await session.execute(text(statement))
        return await wall.readable(session, role)
