"""Errors are problem details: stable types, translated titles, nothing of the inside."""

from typing import Any

import asyncpg
import pytest
from litestar import Request, get
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import access, problems
from backend.api.access_roles import PUBLIC
from backend.api.app import create_app
from backend.api.given import Session
from backend.db.engine import Sessions
from backend.i18n import text
from backend.settings import Settings
from tests import factories
from tests.api.conftest import Client, connected, signed

pytestmark = pytest.mark.db


@pytest.fixture
async def me(session: AsyncSession) -> dict[str, str]:
    member = await factories.member(session)
    await session.commit()
    return signed(member_no=member.member_no)


@pytest.mark.parametrize("language", ["da", "en"])
async def test_titles_are_in_the_readers_language(client: Client, me: dict[str, str], language: str) -> None:
    answer = await client.get("/v1/me/job-log/nowhere", headers=me | {"Accept-Language": language})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["title"] == text(language, problems.BY_STATUS[404][1])
    assert problem["status"] == 404
    assert problem["instance"] == "/v1/me/job-log/nowhere"
    assert problem["requestId"] == answer.headers["x-request-id"]


async def test_each_field_at_fault_is_named_by_its_path(client: Client, me: dict[str, str]) -> None:
    answer = await client.post("/v1/me/devices", json={"token": "abc", "platform": "ios"}, headers=me)
    assert answer.json()["errors"] == [{"field": "token", "message": text("da", "At least {n} characters.", n="8")}]
    missing = await client.post("/v1/me/devices", json={"platform": "ios"}, headers=me)
    assert missing.json()["field"] == "token"
    query = await client.get("/v1/me/inbox?limit=0", headers=me)
    assert (query.status_code, query.json()["field"]) == (422, "limit")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/v1/me", b"", 405, "method-not-allowed"),
        ("POST", "/v1/me/disputes", b"{", 400, "bad-request"),
        ("POST", "/v1/me/disputes", b'"text"', 422, "invalid"),
        ("POST", "/v1/me/disputes", b"x" * 1_000_001, 413, "too-large"),
        ("GET", "/v2/me", b"", 404, "not-found"),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    client: Client, me: dict[str, str], method: str, path: str, body: bytes, status: int, kind: str
) -> None:
    answer = await client.request(method, path, content=body, headers=me | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


async def test_a_parameter_that_was_left_out_is_named(client: Client, session: AsyncSession) -> None:
    manager = await factories.staff(session, role="manager")
    await session.commit()
    answer = await client.get("/v1/staff/survey-figures/people", headers=signed(staff_no=manager.staff_no))
    assert (answer.status_code, answer.json()["field"]) == (422, "touchpoint")


async def test_what_was_sent_is_never_repeated(client: Client, me: dict[str, str]) -> None:
    secret = "0101901234"
    body = {"appliedOn": "2026-11-17", "status": secret, "channel": secret, "hours": secret, "country": secret}
    answer = await client.post("/v1/me/job-log", json=body, headers=me)
    assert answer.status_code == 422
    assert secret not in answer.text


async def test_every_type_is_listed_with_its_text(client: Client) -> None:
    listed = {each["type"]: each for each in (await client.get("/problems")).json()}
    for kind in ("not-found", "internal-error", "changed-meanwhile", "idempotency-key-reused", "document-kind"):
        assert listed[f"/problems/{kind}"]["title"]


@pytest.fixture
async def broken(settings: Settings, sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An application with one route that fails as told."""
    failure: list[Exception] = []

    @get("/broken", operation_id="broken")
    async def fail(session: Session) -> None:
        raise failure[0]

    monkeypatch.setattr(access, "RULES", dict(access.RULES) | {"broken": PUBLIC})
    return failure, create_app(settings, sessions, handlers=[fail])


def of_state(state: str) -> DBAPIError:
    found = type("Found", (Exception,), {"sqlstate": state})("secret detail")
    return DBAPIError("SELECT secret", {"name": "secret"}, found)


@pytest.mark.parametrize(
    "error",
    [
        of_state("57P01"),
        of_state("57P03"),
        of_state("08006"),
        of_state("40001"),
        of_state("40P01"),
        of_state("55P03"),
        of_state("53300"),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ],
)
async def test_a_database_that_is_away_for_a_moment_is_503(broken: Any, error: Exception) -> None:
    failure, app = broken
    failure.append(error)
    async with connected(app) as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("error", [of_state("23505"), of_state("42601"), KeyError("secret"), AssertionError("secret")])
async def test_anything_else_is_500_and_says_nothing(
    broken: Any, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    failure, app = broken
    failure.append(error)
    async with connected(app) as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "secret" not in answer.text
    said = capsys.readouterr()
    assert "request.failed" in said.out + said.err
    assert "secret" not in said.out + said.err


def test_an_answer_names_the_request(settings: Settings) -> None:
    scope: Any = {"type": "http", "path": "/x", "headers": [], "method": "GET", "state": {"request_id": "abc"}}
    answer = problems.answer(Request(scope), problems.TooMany(3))
    assert answer.content.request_id == "abc"
    assert answer.headers["Retry-After"] == "3"


async def test_two_at_once_for_the_same_time_of_somebody_is_a_conflict_and_no_fault(broken: Any) -> None:
    failure, app = broken
    failure.append(of_state("23P01"))
    async with connected(app) as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert "secret" not in answer.text
