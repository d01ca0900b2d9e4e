"""One transaction per request, committed before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Response, get, post
from litestar.response import Stream
from sqlalchemy import func, select, text

from backend.api import access
from backend.api.access_roles import PUBLIC
from backend.api.app import create_app
from backend.api.given import Session
from backend.api.limits import Limits
from backend.api.problems import TooMany
from backend.db.engine import Sessions
from backend.errors import Conflict
from backend.members.tables import Branch
from backend.settings import Settings
from tests import factories
from tests.api.conftest import Client, connected

pytestmark = pytest.mark.db


@post("/good", operation_id="good")
async def good(session: Session) -> str:
    await factories.branch(session)
    return "made"


@post("/refused", operation_id="refused")
async def refused(session: Session) -> None:
    await factories.branch(session)
    raise Conflict


@post("/answered-badly", operation_id="answeredBadly")
async def answered_badly(session: Session) -> Response[str]:
    await factories.branch(session)
    return Response("no", status_code=418)


@post("/breaks-at-commit", operation_id="breaksAtCommit")
async def breaks_at_commit(session: Session) -> str:
    await factories.branch(session)
    await session.execute(text("CREATE TEMP TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
    await session.execute(text("INSERT INTO late VALUES (1), (1)"))
    return "promised too early"


@get("/streams", operation_id="streams")
async def streams(session: Session) -> Stream:
    await factories.branch(session)

    async def parts() -> AsyncIterator[bytes]:
        assert not session.in_transaction()
        yield b"after"
        yield b" commit"

    return Stream(parts())


HANDLERS = [good, refused, answered_badly, breaks_at_commit, streams]


@pytest.fixture
async def client(
    settings: Settings, fresh_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    ours = {str(handler.operation_id): PUBLIC for handler in HANDLERS}
    monkeypatch.setattr(access, "RULES", dict(access.RULES) | ours)
    async with connected(create_app(settings, fresh_sessions, handlers=HANDLERS)) as client:
        yield client


async def branches(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(Branch)) or 0


async def test_what_was_done_is_there_when_the_answer_is(client: Client, fresh_sessions: Sessions) -> None:
    assert (await client.post("/good")).text == "made"
    assert await branches(fresh_sessions) == 1


@pytest.mark.parametrize(("path", "status"), [("/refused", 409), ("/answered-badly", 418)])
async def test_what_was_refused_leaves_nothing(
    client: Client, fresh_sessions: Sessions, path: str, status: int
) -> None:
    assert (await client.post(path)).status_code == status
    assert await branches(fresh_sessions) == 0


async def test_a_commit_that_fails_is_told_instead_of_the_answer(client: Client, fresh_sessions: Sessions) -> None:
    answer = await client.post("/breaks-at-commit")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "promised" not in answer.text
    assert await branches(fresh_sessions) == 0
    assert (await client.post("/good")).status_code == 201


async def test_a_stream_begins_after_the_commit(client: Client, fresh_sessions: Sessions) -> None:
    assert (await client.get("/streams")).text == "after commit"
    assert await branches(fresh_sessions) == 1


def test_a_caller_who_asks_too_much_waits() -> None:
    seconds = [0.0]
    limits = Limits(per_second=2, burst=3, clock=lambda: seconds[0])
    for _ in range(3):
        limits.check("a")
    with pytest.raises(TooMany) as refused_:
        limits.check("a")
    assert refused_.value.retry_after == 1
    limits.check("b")
    seconds[0] = 0.6
    limits.check("a")
    with pytest.raises(TooMany):
        limits.check("a")


def test_the_counters_do_not_grow_for_ever() -> None:
    limits = Limits(keys=3)
    for number in range(10):
        limits.check(str(number))
    assert len(limits._buckets) == 3


async def test_too_many_failed_sign_ins_from_one_address(settings: Settings, sessions: Sessions) -> None:
    limits = Limits(tries_burst=3, tries_per_second=0.1)
    async with connected(create_app(settings, sessions, limits=limits)) as client:
        answers: list[Any] = [await client.get("/v1/me") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 1
