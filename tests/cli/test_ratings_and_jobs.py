"""The commands of ratings and jobs, as a person or a script calls them."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from backend.cli import jobs, ratings
from backend.cli.common import CliError
from backend.db.engine import make_engine, make_sessions, transaction
from tests.jobs.helpers import poison
from tests.rating.rows import searcher

app = typer.Typer()
jobs.register(app)
ratings.register(app)
AT = "2026-11-18T06:00"
CASES = Path(__file__).parent.parent / "rating" / "data" / "smiley.json"


def jobvej(*arguments: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, arguments)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found.stdout


def in_database(url: str, work: Callable[[AsyncSession], Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        engine = make_engine(url)
        try:
            async with transaction(make_sessions(engine)) as session:
                return await work(session)
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def _three(session: AsyncSession) -> list[str]:
    return [(await searcher(session, weekly=weekly, member_no=f"70000{weekly}")).member_no for weekly in (2, 0, 1)]


@pytest.fixture
def fund(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fund of three members: 700000 logs nothing, 700001 half, 700002 all of what was agreed."""
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", fresh_database)
    in_database(fresh_database, _three)
    return fresh_database


def test_cases_are_rated_one_line_each() -> None:
    lines = [json.loads(line) for line in jobvej("rate", "--cases", str(CASES)).splitlines()]
    given = json.loads(CASES.read_text())["vectors"]
    assert [line["id"] for line in lines] == [case["id"] for case in given]
    names = ("id", "colour", "counted", "required", "due_days", "trailing_zero_weeks", "reasons", "actions")
    assert tuple(lines[0]) == names
    assert [line["colour"] for line in lines] == [case["expect"]["colour"] for case in given]


@pytest.mark.parametrize(("content", "sentence"), [(None, "cannot be read"), ("{", "is not JSON")])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None, sentence: str) -> None:
    file = tmp_path / "cases.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CliError, match=sentence):
        jobvej("rate", "--cases", str(file))


@pytest.mark.db
def test_the_export_lists_the_ratings_in_force_by_member_number(fund: str) -> None:
    header = "member_no;colour;counted;required;due_days;trailing_zero_weeks;reasons\n"
    assert jobvej("export", "ratings", "--at", "2026-11-18") == header
    jobvej("run", "rate-members", "--at", AT)
    jobvej("run", "rate-members", "--at", "2026-11-25T06:00")
    assert jobvej("export", "ratings", "--at", "2026-11-17") == header
    then = jobvej("export", "ratings", "--at", "2026-11-24").splitlines()
    assert then[1:] == [
        "700000;red;0;8;20;4;too_few_posted,upload_missing,zero_weeks",
        "700001;yellow;4;8;20;0;below_agreement",
        "700002;green;8;8;20;0;meets_agreement",
    ]
    later = jobvej("export", "ratings", "--at", "2026-11-25").splitlines()
    assert [line.split(";")[2] for line in later[1:]] == ["0", "3", "6"]


@pytest.mark.db
def test_a_run_says_what_it_did_and_again_that_it_was_made(fund: str) -> None:
    first = json.loads(jobvej("run", "rate-members", "--at", AT, "--json"))
    wanted = {"job": "rate-members", "scheduled_for": "2026-11-18T06:00:00+01:00", "already_done": False, "batches": 1}
    counts = {"members": 3, "rated": 3, "changed": 3, "messages": 2, "tasks": 2, "failures": 0}
    assert first.items() >= (wanted | counts).items()
    again = json.loads(jobvej("run", "rate-members", "--at", AT, "--json"))
    assert (again["already_done"], again["changed"], again["messages"], again["before"]["messages"]) == (True, 0, 0, 2)
    assert "nothing was changed" in jobvej("run", "rate-members", "--at", AT)
    later = json.loads(jobvej("run", "rate-members", "--at", "2026-11-18T07:00", "--json"))
    assert (later["members"], later["rated"]) == (3, 0)


@pytest.mark.db
def test_a_run_with_a_member_left_out_fails_loudly(fund: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def one(session: AsyncSession) -> Any:
        return (await searcher(session, member_no="700009")).id

    monkeypatch.setattr("backend.jobs.batches.TRIES", 0)
    poison(monkeypatch, in_database(fund, one))
    report = json.loads(jobvej("run", "rate-members", "--at", AT, "--json", code=1))
    assert (report["failures"], report["rated"], report["state"]) == (1, 3, "done")


@pytest.mark.db
def test_the_timetable_shows_last_and_next_runs(fund: str) -> None:
    assert "never" in jobvej("jobs")
    jobvej("run", "housekeeping", "--at", AT)
    lines = {line["job"]: line for line in json.loads(jobvej("jobs", "--json"))}
    assert lines["housekeeping"]["last"]["scheduled_for"] == "2026-11-18T06:00:00+01:00"
    assert lines["rate-members"]["last"] is None
    assert lines["rate-members"]["next"].split("T")[1] in ("06:00:00+01:00", "06:00:00+02:00")


@pytest.mark.db
def test_what_is_due_can_be_delivered_by_hand(fund: str) -> None:
    assert json.loads(jobvej("run", "deliver", "--json")) == {"job": "deliver"}


def test_a_job_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(CliError, match="rate-members"):
        jobvej("run", "no-such-job")


@pytest.mark.parametrize("arguments", [("run", "rate-members", "--at", "soon"), ("export", "ratings", "--at", "18-11")])
def test_a_time_that_is_none_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CliError, match="Write it like"):
        jobvej(*arguments)
