"""`jobvej evidence`: the file of a legal notice as one bundle, and whether a bundle is still what it was."""

from pathlib import Path
from uuid import UUID

import typer

from backend import clock
from backend.cli.common import CliError, database, err, out, run, settings
from backend.db.engine import Sessions, transaction
from backend.errors import NotFound
from backend.jobs import letters
from backend.notices import evidence as bundles
from backend.notices import queries
from backend.notices.evidence import File
from backend.settings import Settings

OUTPUT = typer.Option(..., "-o", "--output", help="The ZIP file to write.", dir_okay=False)
BUNDLE = typer.Argument(help="A ZIP that `jobvej evidence` or the API made.")


def register(app: typer.Typer) -> None:
    @app.command()
    def evidence(
        notice: str = typer.Argument(help="The notice's id."),
        output: Path = OUTPUT,
    ) -> None:
        """Write everything that proves a legal notice into one ZIP. Exit code 1 when its letter is not the one sent."""
        found = settings()
        file = run(lambda: _file(found, _id(notice)))
        _write(output, bundles.bundle(file))
        out.print(f"Written: {output}", highlight=False, soft_wrap=True)
        if not file.intact:
            err.print("[bold red]The letter is not the one that was sent: its hash does not fit.[/]")
            raise typer.Exit(1)

    @app.command("check-evidence")
    def check_evidence(bundle: Path = BUNDLE) -> None:
        """Say whether a bundle is as it was made. Exit code 1 when a file in it is not."""
        wrong = bundles.faults(_read(bundle))
        if wrong:
            err.print(f"[bold red]Not as it was made:[/] {', '.join(wrong)}", highlight=False)
            raise typer.Exit(1)
        out.print("The bundle is as it was made.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CliError(f"“{text}” is not the id of a notice.") from None


async def _file(found: Settings, notice_id: UUID) -> File:
    async with database(found) as opened:
        try:
            message_id = await _message(opened.sessions, notice_id)
        except NotFound:
            raise CliError("There is no notice with this id.") from None
        await letters.prepare(opened.sessions, [message_id], fund=found.fund_name, now=clock.now())
        async with transaction(opened.sessions) as session:
            return await bundles.gather(session, notice_id)


async def _message(sessions: Sessions, notice_id: UUID) -> UUID:
    async with transaction(sessions) as session:
        return (await queries.one(session, notice_id)).message_id


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}.") from error
