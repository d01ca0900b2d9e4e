"""`jobvej surveys FILE`: new versions of surveys, of their questions and of the rules of asking."""

from pathlib import Path

import typer
from rich.table import Table

from backend import clock
from backend.cli.common import CliError, Database, database, err, out, run, settings
from backend.db.engine import transaction
from backend.errors import Invalid
from backend.feedback import touchpoints
from backend.i18n import N_
from backend.settings import Settings
from backend.surveys import catalogue, publishing
from backend.surveys.publishing import Changes

FILE = typer.Argument(help="A TOML file of questions, surveys and policies, each with its version and first day.")


def register(app: typer.Typer) -> None:
    @app.command(name="surveys")
    def command(
        file: Path = FILE,
        check: bool = typer.Option(False, "--check", help="Say what would be new, and store nothing."),
    ) -> None:
        """Publish surveys, questions and rules of asking from a day to come. Safe to repeat."""
        changes = publishing.read(_read(file))
        found = settings()
        _known(changes, found)
        run(lambda: _adopt(changes, found, check=check))
        _tell(changes)
        err.print("Nothing was stored." if check else "Stored.", highlight=False)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"Cannot read {file}.") from error


def _known(changes: Changes, found: Settings) -> None:
    """Raises Invalid for a survey that is asked after something that there is not."""
    activities = touchpoints.activities(found.course_plan_set)
    if unknown := {one.after for one in changes.survey if one.after} - activities:
        raise Invalid(N_("There is no activity {name} to ask after."), name=min(unknown))


async def _adopt(changes: Changes, found: Settings, *, check: bool) -> None:
    async with database(found) as opened:
        await _stored(opened, changes, check=check)


async def _stored(opened: Database, changes: Changes, *, check: bool) -> None:
    async with transaction(opened.sessions) as session:
        await catalogue.load(session)
        await publishing.adopt(session, changes, today=clock.local_date(clock.now()))
        if check:
            await session.rollback()


def _tell(changes: Changes) -> None:
    table = Table("What", "Version", "Applies from")
    for question in changes.question:
        table.add_row(f"question {question.key}", str(question.version), "")
    for survey in changes.survey:
        table.add_row(f"survey {survey.key}", str(survey.version), survey.valid_from.isoformat())
    for policy in changes.policy:
        table.add_row("policy", str(policy.version), policy.valid_from.isoformat())
    out.print(table)
