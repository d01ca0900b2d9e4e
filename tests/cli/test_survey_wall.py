"""A role of the database that the wall is raised for reads figures and no answers, whatever it was granted before."""

import asyncio
import os
from collections.abc import Iterator

import asyncpg
import pytest
import typer
from sqlalchemy import make_url
from typer.testing import CliRunner

from backend.cli import survey_wall
from backend.cli.common import CliError
from backend.surveys import wall

pytestmark = pytest.mark.db
app = typer.Typer()
survey_wall.register(app)
# A second command, so that the first keeps its name.
app.command(name="other")(lambda: None)


def execute(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture
def reader(fresh_database: str) -> Iterator[str]:
    """A role that may read the whole database, as reporting tools are often given, and one column by name."""
    name = f"reader_{os.urandom(4).hex()}"
    execute(
        fresh_database,
        f"CREATE ROLE {name}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT SELECT (code) ON survey_answer TO {name}",
    )
    yield name
    execute(fresh_database, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def jobvej(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", url)
    found = CliRunner().invoke(app, ["survey-wall", *arguments])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stderr


def test_behind_the_wall(monkeypatch: pytest.MonkeyPatch, fresh_database: str, reader: str) -> None:
    code, said = jobvej(monkeypatch, fresh_database, reader, "--check")
    assert (code, "survey_answer" in said) == (1, True)
    for _ in range(2):
        assert jobvej(monkeypatch, fresh_database, reader)[0] == 0
    assert jobvej(monkeypatch, fresh_database, reader, "--check")[0] == 0
    for table in wall.RAW:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(fresh_database, f"SET ROLE {reader}", f"SELECT 1 FROM {table}")
    execute(fresh_database, f"SET ROLE {reader}", *(f"SELECT 1 FROM {table}" for table in wall.OPEN))


def test_what_the_wall_cannot_stop_is_told(monkeypatch: pytest.MonkeyPatch, fresh_database: str, reader: str) -> None:
    execute(fresh_database, f"GRANT pg_read_all_data TO {reader}")
    code, said = jobvej(monkeypatch, fresh_database, reader)
    assert (code, "survey_text" in said) == (1, True)


def test_names_that_are_none(monkeypatch: pytest.MonkeyPatch, fresh_database: str) -> None:
    for name in ("x; DROP TABLE survey", 'a"b', ""):
        with pytest.raises(CliError):
            jobvej(monkeypatch, fresh_database, name)
    with pytest.raises(CliError, match="no role"):
        jobvej(monkeypatch, fresh_database, "nobody_of_that_name")
