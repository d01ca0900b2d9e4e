"""What no phone sends: it is refused, and never an error of ours."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests import factories
from tests.api.conftest import Client, signed
from tests.api.staff_support import pair

pytestmark = pytest.mark.db
SOMEONE = "01a201cc-5110-72fd-b3ec-8d7ceff4e01c"
ENTRY = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": "Aros", "title": "Smed"}
INSTANTS = (
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00",
    "2026-10-25T02:30:00+01:00",
)  # fmt: skip
DAYS = ("0001-01-01", "9999-12-31")


def cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


async def test_cursors_that_nobody_gave(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    mine, theirs = signed(member_no=member.member_no), f"/v1/staff/members/{member.id}"
    asked = [("/v1/me/ratings", mine, cursor(at, SOMEONE)) for at in INSTANTS]
    asked += [
        ("/v1/me/timeline/items", mine, cursor(way, at, SOMEONE)) for at in INSTANTS for way in ("past", "coming")
    ]
    asked += [(f"{theirs}/ratings", adviser, cursor(at, SOMEONE)) for at in INSTANTS]
    for day in DAYS:
        asked += [("/v1/me/job-log", mine, cursor(day, SOMEONE)), (f"{theirs}/job-log", adviser, cursor(day, SOMEONE))]
        for name in ("service-calls", "call-ins", "tasks"):
            asked.append((f"/v1/staff/{name}", adviser, cursor(day, SOMEONE)))
        asked.append(("/v1/staff/members", adviser, cursor(day, 1, 1e3, day, SOMEONE)))
    for path, headers, key in asked:
        answer = await client.get(path, params={"cursor": key}, headers=headers)
        assert answer.status_code in (200, 422), (path, base64.urlsafe_b64decode(key + "==="))


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"[" * 100_000,
        b'{"employer":"\xff"}',
        json.dumps(ENTRY).replace("Aros", "\\ud800").encode(),
        json.dumps(ENTRY).replace("Aros", "\\u0000").encode(),
        b'{"appliedOn":1e400}',
    ],
)
async def test_bodies_that_are_no_json_of_ours(client: Client, session: AsyncSession, body: bytes) -> None:
    member, _ = await pair(session)
    headers = signed(member_no=member.member_no) | {"Content-Type": "application/json"}
    assert (await client.post("/v1/me/job-log", headers=headers, content=body)).status_code in (400, 422)


async def test_a_large_body_is_refused_with_a_key_too(client: Client, session: AsyncSession) -> None:
    member, _ = await pair(session)
    headers = signed(member_no=member.member_no) | {"Idempotency-Key": "large", "Content-Type": "application/json"}
    answer = await client.post("/v1/me/job-log", headers=headers, content=b"{" + b" " * 3_000_000 + b"}")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "change",
    [
        {"employer": "\u202e\U0001f600\u200b"}, {"employer": "\u0130" * 200}, {"title": "\u00df" * 200},
        {"appliedOn": "0001-01-01"}, {"appliedOn": "9999-12-31", "status": "planned"},
        {"employer": " \u3000", "title": "\u00a0"}, {"postcode": "\u0661"},
    ],
)  # fmt: skip
async def test_odd_texts_and_days(client: Client, session: AsyncSession, change: dict[str, Any]) -> None:
    member, _ = await pair(session)
    answer = await client.post("/v1/me/job-log", headers=signed(member_no=member.member_no), json=ENTRY | change)
    assert answer.status_code in (201, 422)


async def test_claims_that_no_number_looks_like(client: Client, session: AsyncSession) -> None:
    await factories.member(session)
    for claims, path in (({"member_no": "a\x00b"}, "/v1/me"), ({"staff_no": "a\x00"}, "/v1/staff/me")):
        assert (await client.get(path, headers=signed(**claims))).status_code == 403
