"""`jobvej run JOB` and `jobvej jobs`: a job made by hand, and the timetable against what ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Row

from backend import clock
from backend.cli.common import CliError, Database, database, err, moment, out, print_json, run, settings
from backend.clock import COPENHAGEN
from backend.db.engine import transaction
from backend.jobs import by_hand, deliver, ledger
from backend.jobs.job import Job
from backend.jobs.schedule import BY_NAME, TIMETABLE
from backend.settings import Settings

JSON = typer.Option(False, "--json", help="One JSON document, for machines.")
AT = typer.Option(None, "--at", help="The time the run is for, like 2026-11-18T06:00. Now when left out.")
LOOK_BACK = timedelta(days=7)
DELIVER = "deliver"


def register(app: typer.Typer) -> None:
    @app.command("run")
    def run_job(
        job: str = typer.Argument(help=f"One of: {', '.join([*BY_NAME, DELIVER])}."),
        at: str | None = AT,
        as_json: bool = JSON,
    ) -> None:
        """Run a job now and wait for it. The same time again changes nothing. Exit code 1 when it failed."""
        found, when = settings(), moment(at)
        if job == DELIVER:
            _say_delivered(run(lambda: _deliver(found, when)), as_json)
            return
        if job not in BY_NAME:
            raise CliError(f"There is no job “{job}”. There are: {', '.join([*BY_NAME, DELIVER])}.")
        report = run(lambda: _run(found, BY_NAME[job], when.replace(second=0, microsecond=0)))
        _say(report, as_json)
        if report.state != "done" or report.failures:
            raise typer.Exit(1)

    @app.command()
    def jobs(as_json: bool = JSON) -> None:
        """The timetable: when jobs run, the last and next runs, and those that are missing."""
        found = settings()
        lines = run(lambda: _overview(found))
        if as_json:
            print_json([line.as_json() for line in lines])
        else:
            _show(lines)


async def _run(found: Settings, job: Job, at: datetime) -> by_hand.Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with database(found) as opened:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
            line = shown.add_task(job.name)
            return await by_hand.run(
                opened.sessions, job, at, found, lambda done, of: shown.update(line, completed=done, total=of)
            )


async def _deliver(found: Settings, at: datetime) -> dict[str, int]:
    async with database(found) as opened:
        return dict(await deliver.run_once(opened.sessions, found, at))


def _say_delivered(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json({"job": DELIVER, **counts})
    else:
        out.print(f"{DELIVER}: {_listed(counts) or 'nothing was due'}.", highlight=False)


def _say(report: by_hand.Report, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(report))
    elif report.was_done:
        out.print(f"{report.job} for {_local(report.scheduled_for)} was made before; nothing was changed.")
    else:
        counts = {name: count for name, count in report.counts.items() if count}
        seconds = report.took.total_seconds()
        out.print(f"{report.job} for {_local(report.scheduled_for)}: {report.state} in {seconds:.1f} s.")
        out.print(_listed(counts) or "There was nothing to do.", highlight=False)
    if report.failures:
        err.print(f"[red]{report.failures} members were left out; the table job_failure says which and why.[/]")


def _as_json(report: by_hand.Report) -> dict[str, Any]:
    """What this call changed: the counts of a run made before are all 0, and stand under `before`."""
    nothing = dict.fromkeys(report.counts, 0)
    return {
        "job": report.job,
        "scheduled_for": report.scheduled_for.astimezone(COPENHAGEN).isoformat(),
        "state": report.state,
        "already_done": report.was_done,
        "batches": report.batches,
        **(nothing if report.was_done else report.counts),
        "failures": report.failures,
        **({"before": report.counts} if report.was_done else {}),
        "seconds": report.took.total_seconds(),
    }


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


@dataclass(frozen=True, slots=True)
class _Line:
    job: Job
    last: Row[Any] | None
    following: datetime | None
    missing: Sequence[datetime]

    def as_json(self) -> dict[str, Any]:
        return {
            "job": self.job.name,
            "about": self.job.about,
            "when": dict(self.job.cron),
            "last": self._last_as_json(),
            "next": self.following and self.following.isoformat(),
            "missing": [at.isoformat() for at in self.missing],
        }

    def _last_as_json(self) -> dict[str, Any] | None:
        if self.last is None:
            return None
        return {
            "scheduled_for": self.last.scheduled_for.astimezone(COPENHAGEN).isoformat(),
            "state": self.last.state,
            "result": self.last.result,
            "failures": self.last.failures,
        }


async def _overview(found: Settings) -> list[_Line]:
    now = clock.now()
    async with database(found) as opened:
        last, missing = await _ran(opened, now)
    return [_line(job, last, missing, now) for job in TIMETABLE]


def _line(job: Job, last: dict[str, Row[Any]], missing: Sequence[ledger.Missing], now: datetime) -> _Line:
    never_made = [each.scheduled_for for each in missing if each.job == job.name]
    return _Line(job, last.get(job.name), job.following(now), never_made)


async def _ran(opened: Database, now: datetime) -> tuple[dict[str, Row[Any]], list[ledger.Missing]]:
    async with transaction(opened.sessions) as session:
        return await ledger.last_runs(session), await ledger.missing(session, TIMETABLE, now - LOOK_BACK, now)


def _show(lines: Sequence[_Line]) -> None:
    table = Table("Job", "What it does", "Last run", "", "Next run", "Missing in 7 days")
    table.columns[0].no_wrap = True  # its name is what one types
    for line in lines:
        last = line.last
        table.add_row(
            line.job.name,
            line.job.about,
            _local(last.scheduled_for) if last else "never",
            last.state if last else "",
            _local(line.following) if line.following else "",
            str(len(line.missing)) if line.missing else "none",
        )
    out.print(table)


def _local(at: datetime) -> str:
    return f"{at.astimezone(COPENHAGEN):%a %d %b %Y %H:%M}"
