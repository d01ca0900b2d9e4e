"""`jobvej simulate`: a year of a made-up fund in minutes, to see what a policy would do and that no rule is broken."""

import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.cli.common import CliError, load_data, run, server, settings
from backend.db import migrate
from backend.db.engine import Sessions, make_engine, make_sessions
from backend.rating.policy_values import Policy
from backend.settings import Settings
from backend.simulation.run import Wanted
from backend.simulation.run import simulate as simulated

MEMBERS = typer.Option(2000, min=10, max=100_000, help="How many members the fund has.")
DAYS = typer.Option(365, min=1, max=1000, help="How many days it lives.")
SEED = typer.Option(1, help="What people do is drawn by chance; the same seed draws the same.")
FIRST = typer.Option("2026-01-05", "--from", help="The first day.")
POLICY = typer.Option(None, "--policy", help="A JSON file of values of the rating rule to try out.", show_default=False)
AS_JSON = typer.Option(False, "--json", help="One JSON document instead of tables.")


def register(app: typer.Typer) -> None:
    @app.command()
    def simulate(  # noqa: PLR0917 - the command's options
        members: int = MEMBERS,
        days: int = DAYS,
        seed: int = SEED,
        first: str = FIRST,
        policy: Path | None = POLICY,
        as_json: bool = AS_JSON,
    ) -> None:
        """Let a made-up fund live for a year in a scratch database, and check every rule of sending.

        Changes nothing else. Ends with 1 when a rule was broken.
        """
        wanted = Wanted(members, days, seed, _day(first), _policy(policy))
        found = settings()
        report: dict[str, Any] = {}
        run(lambda: _simulate(found, wanted, report))
        _show(report, as_json=as_json)
        if any(report["breaches"].values()):
            sys.exit(1)


async def _simulate(found: Settings, wanted: Wanted, report: dict[str, Any]) -> None:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{wanted.members} members", total=wanted.days)
        async with server(found) as url, _scratch(url) as sessions:
            report |= await simulated(sessions, found, wanted, lambda done, _: progress.update(task, completed=done))


@contextlib.asynccontextmanager
async def _scratch(url: str) -> AsyncIterator[Sessions]:
    """A database of this run alone, dropped at its end."""
    name = f"jobvej_simulation_{os.getpid()}"
    base, _, query = url.partition("?")
    whole = make_engine(url)
    engine = make_engine(base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else ""))
    try:
        await _administer(whole, f'CREATE DATABASE "{name}"')
        await migrate.upgrade(engine)
        await load_data(engine)
        yield make_sessions(engine)
    finally:
        await engine.dispose()
        await _administer(whole, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await whole.dispose()


async def _administer(engine: AsyncEngine, statement: str) -> None:
    async with engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text(statement))


def _show(report: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        return
    console = Console()
    for name in ("messages", "arrived", "ended", "unsent", "tasks"):
        table = Table(name, "n", title_justify="left")
        for key, n in report[name].items():
            table.add_row(str(key), str(n))
        console.print(table)
    console.print(_colours(report["colours"]))
    for rule, found in report["breaches"].items():
        console.print(
            f"[bold red]broken[/] {rule}: {len(found)}, as {found[0]}" if found else f"[green]kept[/]   {rule}"
        )


def _colours(by_month: Mapping[str, Mapping[str, int]]) -> Table:
    """How the weekly ratings fell out, month by month: what another policy would change."""
    names = sorted({colour for month in by_month.values() for colour in month})
    table = Table("weekly ratings", *names)
    for month, found in by_month.items():
        table.add_row(month, *(str(found.get(name, 0)) for name in names))
    return table


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise CliError(f"“{value}” is not a day. Write it like 2026-01-05.") from None


def _policy(file: Path | None) -> Policy | None:
    if file is None:
        return None
    try:
        return Policy.from_mapping(json.loads(file.read_bytes()))
    except OSError as error:
        raise CliError(f"{file} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise CliError(f"{file} is not JSON.") from None
