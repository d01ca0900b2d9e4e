"""`jobvej dead-letters` as a person or a script calls it."""

import json

import pytest
import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from backend import clock
from backend.cli import dead_letters
from backend.cli.common import CliError
from tests import factories
from tests.cli.test_ratings_and_jobs import in_database
from tests.notifications.factories import device, send

pytestmark = pytest.mark.db
app = typer.Typer()
app.callback()(lambda: None)
dead_letters.register(app)


def jobvej(*arguments: str) -> str:
    found = CliRunner().invoke(app, ["dead-letters", *arguments])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.stdout


async def _given_up(session: AsyncSession) -> None:
    member = await factories.member(session)
    await device(session, member.id)
    await send(session, member.id, now=clock.now())
    await session.execute(
        text(
            "WITH d AS (DELETE FROM delivery RETURNING *) INSERT INTO delivery_done SELECT id, message_id, member_id,"
            " device_id, channel, 'rejected', 1, NULL, 'INVALID_ARGUMENT', due_at, created_at, created_at FROM d"
        )
    )


def test_they_are_listed_and_sent_on_their_way_again(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", fresh_database)
    assert jobvej() == "Nothing was given up.\n"
    in_database(fresh_database, _given_up)
    [found] = json.loads(jobvej("--json"))
    assert (found["reason"], found["replayable"]) == ("INVALID_ARGUMENT", True)
    assert "INVALID_ARGUMENT" in jobvej("--channel", "push", "--state", "rejected")
    assert json.loads(jobvej("--replay", "--reason", "OTHER", "--json")) == {"replayed": 0}
    assert jobvej("--replay") == "1 deliveries are on their way again.\n"
    assert jobvej() == "Nothing was given up.\n"


@pytest.mark.parametrize("arguments", [("--channel", "pigeon"), ("--state", "sent")])
def test_what_there_is_none_of_is_told(arguments: tuple[str, str]) -> None:
    with pytest.raises(CliError, match="There are: "):
        jobvej(*arguments)
