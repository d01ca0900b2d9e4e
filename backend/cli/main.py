"""The `jobvej` command. Each module registers its own commands; errors a person can mend end in one sentence."""

import sys

import typer
from rich.console import Console

from backend.cli import imports, jobs, migrate, processes, ratings, serve, token
from backend.cli.common import CliError
from backend.db.embedded import EmbeddedError
from backend.errors import DomainError
from backend.settings import SettingsError

app = typer.Typer(
    name="jobvej",
    help="Jobvej: the back end of an unemployment fund's member app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (serve, processes, migrate, imports, jobs, ratings, token):
    module.register(app)


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 refused or failed, 2 wrong call or setting, 130 interrupted."""
    try:
        app()
    except (SettingsError, EmbeddedError, CliError, DomainError) as error:
        Console(stderr=True).print(f"[bold red]Error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(getattr(error, "exit_code", 2))
    except KeyboardInterrupt:
        sys.exit(130)
