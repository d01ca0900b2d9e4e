"""`jobvej serve`: API, worker, clock and the embedded database in one command."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend import clock, log
from backend.api import builtin_identity
from backend.cli.common import CliError, Database, database, err, run, settings
from backend.cli.processes import SUPERVISED, WITH_EMBEDDED
from backend.db.engine import transaction
from backend.demo import service as demo
from backend.settings import Settings

logger = log.get("serve")
STOP_SECONDS = 25
ANYBODY = (demo.Person("a member", "--member NUMBER"), demo.Person("a staff member", "--staff NUMBER"))


def register(app: typer.Typer) -> None:
    @app.command()
    def serve(
        with_demo: bool = typer.Option(False, "--demo", help="Load a demo fund first when the database is empty."),
    ) -> None:
        """Run everything: API, worker, clock and, when no database is set, the embedded one. Ctrl-C stops all of it."""
        found = settings()
        if with_demo and found.production:
            raise CliError("The production profile does not start with demo data.")
        _refuse_a_taken_port(found)
        run(lambda: _serve(found, with_demo))


def _refuse_a_taken_port(found: Settings) -> None:
    """Processes share the port, so a second `serve` would quietly share with the first; say it instead."""
    for port in (found.port, *(() if found.oidc_issuer else (found.identity_port,))):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1" if found.host == "0.0.0.0" else found.host, port)) == 0:  # noqa: S104
                raise CliError(f"Something already listens on port {port}. Stop it, or set JOBVEJ_PORT to another.")


async def _serve(found: Settings, with_demo: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    err.print("Starting the database …")
    async with database(found) as opened:
        if with_demo and not stop.is_set():
            await _until(stop, _load_demo(opened, found.course_plan_set))
        if stop.is_set():
            err.print("Stopped before it ran. What was done is kept.")
            return
        if not found.oidc_issuer:
            builtin_identity.serve_in_thread(found)
        roles = ["api", "clock", *["worker"] * found.workers]
        children = [Child(role, found, opened.url) for role in roles]
        watching = [asyncio.create_task(child.keep(stop)) for child in children]
        if await _answering(found, stop):
            await _say_where(found, opened, with_demo)
        await stop.wait()
        err.print("Stopping …")
        await asyncio.gather(*watching)
    err.print("Stopped. Your data is kept.")


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Wait for the work, or give it up when a stop is asked for; what it had not committed is not there."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return
    stopped.cancel()
    await task


async def _load_demo(opened: Database, plan_set: str) -> None:
    now = clock.now()
    async with transaction(opened.sessions) as session:
        if not await demo.wanted(session):
            return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        line = progress.add_task("Loading a demo fund …")
        await demo.load(
            opened.sessions,
            today=clock.local_date(now),
            now=now,
            progress=lambda text: progress.update(line, description=text),
            plan_set=plan_set,
        )


@dataclass
class Child:
    """One process under the supervisor; started again, ever more slowly, when it dies by itself."""

    role: str
    found: Settings
    url: str
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def keep(self, stop: asyncio.Event) -> None:
        wait = 0.5
        while not stop.is_set():
            started = asyncio.get_running_loop().time()
            code = await self._once(stop)
            if stop.is_set():
                return
            logger.error("process.died", role=self.role, code=code, again_in=wait)
            await _pause(stop, wait)
            wait = 0.5 if asyncio.get_running_loop().time() - started > 60 else min(wait * 2, 30)

    async def _once(self, stop: asyncio.Event) -> int:
        database = "given" if self.found.database_url else WITH_EMBEDDED
        environment = os.environ | {"JOBVEJ_DATABASE_URL": self.url, SUPERVISED: database}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "backend.cli",
            self.role,
            stdin=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        ended = asyncio.create_task(self.process.wait())
        asked = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not ended.done():
            await self._end(ended)
        return await ended

    async def _end(self, ended: "asyncio.Task[int]") -> None:
        assert self.process
        self.process.terminate()
        await asyncio.wait({ended}, timeout=STOP_SECONDS)
        if not ended.done():
            logger.warning("process.killed", role=self.role)
            self.process.kill()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _answering(found: Settings, stop: asyncio.Event) -> bool:
    """Wait until the API answers; false when a stop came first."""
    while not stop.is_set():
        try:
            _reader, writer = await asyncio.open_connection(found.host, found.port)
        except OSError:
            await _pause(stop, 0.1)
        else:
            writer.close()
            return True
    return False


async def _say_where(found: Settings, opened: Database, with_demo: bool) -> None:
    base = f"http://{found.host}:{found.port}"
    lines = [
        "",
        f"[bold green]Jobvej runs on {base}[/]",
        f"  API docs   {base}/docs",
        f"  Health     {base}/readyz",
        f"  Metrics    {base}/metrics",
    ]
    if not found.oidc_issuer:
        lines += ["", "Sign in with a token of the built-in identity provider (for trying out only), for example:"]
        async with transaction(opened.sessions) as session:
            people = await demo.people(session) if with_demo else []
        people = people or list(ANYBODY)
        ask = people[0].option
        for person in people:
            lines.append(f"  {person.who:<34} .venv/bin/jobvej token {person.option}")
        lines += [
            "Then, for example:",
            f'  curl -H "Authorization: Bearer $(.venv/bin/jobvej token {ask})" {base}/v1/me/rating',
        ]
    lines += ["", "Ctrl-C stops everything and keeps the data."]
    # Not in a box and not wrapped, so that a line can be copied whole.
    err.print("\n".join(lines), highlight=False, soft_wrap=True)
