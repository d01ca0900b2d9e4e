"""`jobvej rate --cases FILE` and `jobvej export ratings`: the rule on given cases, and the ratings in force."""

import csv
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import typer

from backend import clock
from backend.cli.common import CliError, database, run, settings
from backend.db.engine import transaction
from backend.rating import cases, queries
from backend.settings import Settings

HEADER = ("member_no", "colour", "counted", "required", "due_days", "trailing_zero_weeks", "reasons")
FILE = typer.Option(..., "--cases", help="A JSON file of cases: the policy, and members with what is expected.")
AT = typer.Option(None, "--at", help="The day, like 2026-11-18. Today when left out.", show_default=False)


def register(app: typer.Typer) -> None:
    @app.command()
    def rate(file: Path = FILE) -> None:
        """Rate the cases of a file by the rule alone, one JSON object a line. Needs no database."""
        for case in cases.rate_cases(_document(file)):
            sys.stdout.write(json.dumps(case, ensure_ascii=False) + "\n")

    export = typer.Typer(help="Write data out, for other programs.", no_args_is_help=True)
    app.add_typer(export, name="export")

    @export.command("ratings")
    def export_ratings(at: str | None = AT) -> None:
        """The ratings in force at the end of a day, semicolons between. Members never rated are left out."""
        found, day = settings(), _day(at)
        run(lambda: _export(found, day))

    @export.callback()
    def only_groups() -> None:
        """Keeps `export` a group, whatever it holds."""


def _document(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise CliError(f"{file} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise CliError(f"{file} is not JSON.") from None


def _day(text: str | None) -> date:
    if text is None:
        return clock.local_date(clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CliError(f"“{text}” is not a day. Write it like 2026-11-18.") from None


async def _export(found: Settings, day: date) -> None:
    """A row states what the rule found; without a rating there is nothing to state, so there is no row."""
    lines = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    lines.writerow(HEADER)
    async with database(found) as opened, transaction(opened.sessions) as session:
        async for row in queries.in_force(session, day):
            lines.writerow((*row[:-1], ",".join(sorted(row.reasons))))
