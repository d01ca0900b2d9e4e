"""`jobvej import DIR`: the fund's nightly export into the database."""

import os
from collections.abc import Callable
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from backend import clock
from backend.cli.common import CliError, database, err, out, print_json, run, settings
from backend.db.engine import transaction
from backend.intake import service
from backend.intake.summary import Summary
from backend.settings import Settings

REFUSED = 1
FOLDER = typer.Argument(..., metavar="DIR", help="The folder with the five CSV files.")
AS_JSON = typer.Option(False, "--json", help="Print the summary as JSON, for machines.")
REJECTS = typer.Option(
    None, "--rejects", metavar="PATH", show_default=False,
    help="Where to list faulty rows. Else rejects.csv in DIR, or in the data folder where DIR is not writable.",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    @app.command("import")
    def import_(folder: Path = FOLDER, as_json: bool = AS_JSON, rejects: Path | None = REJECTS) -> None:
        """Import the fund's export. Good rows are stored, faulty ones listed in rejects.csv; nothing is ever deleted.

        Exit code 0: imported.

        1: refused, more than 5 % of a file's rows are faulty; nothing is stored.

        2: a file is missing or cannot be read; nothing is stored.
        """
        found = settings()
        listed = _writable(rejects) if rejects else _rejects_path(found, folder)
        summary = run(lambda: _import(found, folder, listed))
        if as_json:
            print_json(summary.as_json())
        else:
            _show(summary)
        if summary.refused:
            raise typer.Exit(REFUSED)


def _rejects_path(found: Settings, folder: Path) -> Path:
    if os.access(folder, os.W_OK) or not folder.is_dir():
        return folder / "rejects.csv"
    found.data.mkdir(parents=True, exist_ok=True)
    return found.data / "rejects.csv"


def _writable(rejects: Path) -> Path:
    """Seen before the work, which would be lost for want of a place to list what is faulty."""
    if rejects.is_dir() or not os.access(rejects.parent, os.W_OK):
        raise CliError(f"{rejects} cannot be written.")
    return rejects


async def _import(found: Settings, folder: Path, rejects: Path) -> Summary:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    async with database(found) as opened:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
            async with transaction(opened.sessions) as session:
                return await service.import_folder(
                    session, folder, now=clock.now(), progress=_drawing(bars), rejects_path=rejects,
                    plan_set=found.course_plan_set,
                )  # fmt: skip


def _drawing(bars: Progress) -> Callable[[str, int, int], None]:
    """A bar for each file, from when it is begun."""
    lines: dict[str, TaskID] = {}

    def progress(file: str, done: int, size: int) -> None:
        if file not in lines:
            lines[file] = bars.add_task(file)
        bars.update(lines[file], completed=done, total=size)

    return progress


def _show(summary: Summary) -> None:
    table = Table("File", *("Read", "New", "Changed", "As before", "Faulty"))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, file in summary.files.items():
        figures = (file.read, file.added, file.changed, file.unchanged, file.faulty)
        table.add_row(name, *(f"{figure:,}" for figure in figures))
    out.print(table)
    for name, file in summary.files.items():
        for reason, count in file.rejected.items():
            out.print(f"  {name}: {count:,} × {reason}", highlight=False)
    if any(file.faulty for file in summary.files.values()):
        out.print(f"The faulty rows are listed in {summary.rejects}", highlight=False, soft_wrap=True)
    if summary.refused:
        err.print(
            f"[bold red]Refused:[/] more than 5 % of the rows of {', '.join(summary.too_faulty)} are faulty. "
            "Nothing was stored.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
