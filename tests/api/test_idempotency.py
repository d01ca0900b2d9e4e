"""A POST that is repeated happens once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.tables import IdempotencyKey
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.job_log.tables import JobLogEntry
from tests import factories
from tests.api.conftest import NOW, Client, connected, signed

pytestmark = pytest.mark.db
ENTRY = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": "Aros Stål", "title": "Smed"}


@pytest.fixture
async def me(session: AsyncSession) -> dict[str, str]:
    member = await factories.member(session)
    await session.commit()
    return signed(member_no=member.member_no)


async def post(client: Client, headers: dict[str, str], key: str, **changes: Any) -> Any:
    return await client.post("/v1/me/job-log", json=ENTRY | changes, headers=headers | {"Idempotency-Key": key})


async def test_the_same_key_and_body_get_the_same_answer(
    client: Client, me: dict[str, str], session: AsyncSession
) -> None:
    first = await post(client, me, "one")
    again = await post(client, me, "one")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await session.scalar(select(func.count()).select_from(JobLogEntry)) == 1


async def test_another_body_under_the_same_key_is_refused(client: Client, me: dict[str, str]) -> None:
    await post(client, me, "one")
    other = await post(client, me, "one", title="Svejser")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_an_error_is_not_kept(client: Client, me: dict[str, str], session: AsyncSession) -> None:
    refused = await post(client, me, "one", appliedOn="2026-12-24")
    assert refused.status_code == 422
    assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    assert (await post(client, me, "one")).status_code == 201


async def test_another_caller_has_keys_of_their_own(client: Client, me: dict[str, str], session: AsyncSession) -> None:
    other = await factories.member(session)
    await session.commit()
    first = await post(client, me, "one")
    second = await post(client, signed(member_no=other.member_no), "one")
    assert second.status_code == 201
    assert second.json()["entry"]["id"] != first.json()["entry"]["id"]


async def test_a_key_has_a_sensible_length(client: Client, me: dict[str, str]) -> None:
    assert (await post(client, me, "x" * 201)).json()["field"] == "Idempotency-Key"
    assert (await post(client, me, "")).json()["field"] == "Idempotency-Key"


async def test_without_a_key_each_post_is_its_own(client: Client, me: dict[str, str]) -> None:
    first = await client.post("/v1/me/job-log", json=ENTRY, headers=me)
    second = await client.post("/v1/me/job-log", json=ENTRY, headers=me)
    assert first.json()["entry"]["id"] != second.json()["entry"]["id"]


async def test_a_key_is_free_again_after_a_day(session: AsyncSession) -> None:
    caller = new_id()
    assert await idempotency.claim(session, caller, "k", "print", NOW) is None
    await idempotency.keep(session, caller, "k", idempotency.Answer(201, "{}"))
    later = NOW + timedelta(hours=24)
    kept = await idempotency.claim(session, caller, "k", "print", later - timedelta(seconds=1))
    assert kept == idempotency.Answer(201, "{}")
    assert await idempotency.claim(session, caller, "k", "other", later) is None


async def test_of_many_at_once_one_happens_and_all_are_answered_alike(
    application: Callable[[Sessions], Litestar], fresh_sessions: Sessions
) -> None:
    async with transaction(fresh_sessions) as session:
        member = await factories.member(session)
    me = signed(member_no=member.member_no)
    async with connected(application(fresh_sessions)) as client:
        answers = await asyncio.gather(*(post(client, me, "one") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    async with transaction(fresh_sessions) as session:
        assert await session.scalar(select(func.count()).select_from(JobLogEntry)) == 1
