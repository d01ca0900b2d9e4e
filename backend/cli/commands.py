"""All commands. Each module registers its own; errors a person can mend end in one sentence."""

import sys

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from backend.cli import (
    dead_letters,
    evidence,
    imports,
    jobs,
    messages,
    migrate,
    processes,
    ratings,
    serve,
    simulate,
    survey_wall,
    surveys,
    token,
)
from backend.cli.common import CliError
from backend.db.embedded import EmbeddedError
from backend.errors import DomainError
from backend.jobs.batches import is_passing
from backend.settings import SettingsError

app = typer.Typer(
    name="jobvej",
    help="Jobvej: the back end of an unemployment fund's member app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
MODULES = (
    serve,
    processes,
    migrate,
    imports,
    jobs,
    messages,
    evidence,
    dead_letters,
    ratings,
    simulate,
    survey_wall,
    surveys,
    token,
)
for module in MODULES:
    module.register(app)


def call() -> None:
    """Do what the command line says; the exit codes are those of backend.cli.main."""
    try:
        app()
    except (SettingsError, EmbeddedError, CliError, DomainError) as error:
        _say(error)
        sys.exit(getattr(error, "exit_code", 2))
    except (DBAPIError, ConnectionError) as error:
        if not is_passing(error):
            raise
        _say("The database went away. Run it again when it is back; nothing is done twice.")
        sys.exit(1)


def _say(what: object) -> None:
    Console(stderr=True).print(f"[bold red]Error:[/] {what}", highlight=False, soft_wrap=True)
