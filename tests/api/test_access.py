"""The table of access, held against every route and every role."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, get
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import access, app
from backend.api.access import RULES
from backend.casework import tasks
from backend.db.engine import Sessions
from backend.db.types import new_id
from backend.followup import disputes
from backend.members.tables import ROLES, AccessLog
from backend.settings import Settings
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.casework.factories import call, call_in, rating

pytestmark = pytest.mark.db
CALLERS = (*ROLES, "member", "nobody")


@pytest.fixture
def routes(application: Callable[[Sessions], Litestar], sessions: Sessions) -> list[tuple[str, str, str]]:
    """(method, path, operation) of every route."""
    return [(m, p, str(h.operation_id)) for m, p, h in app.operations(application(sessions))]


@pytest.fixture
async def callers(session: AsyncSession) -> dict[str, dict[str, str]]:
    """One caller of each kind, none of whom has anything to do with anybody."""
    found = {}
    for role in ROLES:
        person = await factories.staff(session, role=role)
        found[role] = signed(staff_no=person.staff_no)
    found["member"] = signed(member_no=(await factories.member(session)).member_no)
    found["nobody"] = {}
    await session.commit()
    return found


def filled(path: str) -> str:
    """A path with ids that belong to nobody."""
    return re.sub(r"\{\w+:(\w+)\}", lambda kind: str(new_id()) if kind[1] == "uuid" else "x", path)


def test_every_route_has_a_rule_and_every_rule_a_route(routes: list[tuple[str, str, str]]) -> None:
    assert {operation for _, _, operation in routes} == set(RULES)
    assert access.missing(["getProfile", "somethingNew"]) == ["somethingNew"]


async def test_a_route_without_a_rule_stops_the_start(sessions: Sessions, settings: Settings) -> None:
    @get("/v1/forgotten", operation_id="forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="forgotten"):
        app.create_app(settings, sessions, handlers=[forgotten])


def test_rules_of_the_staff_name_staff_roles_and_rules_of_members_the_member() -> None:
    for operation, rule in RULES.items():
        if rule.relation == "public":
            assert not rule.roles, operation
        elif rule.relation == "self":
            assert rule.roles == {"member"}, operation
        else:
            assert rule.roles, operation
            assert rule.roles <= set(ROLES), operation


async def test_every_route_against_every_role(
    client: Client, routes: list[tuple[str, str, str]], callers: dict[str, dict[str, str]]
) -> None:
    """Who may not is told 401 or 403 whatever else the request holds; who may gets past that."""
    for method, path, operation in routes:
        rule = RULES[operation]
        for caller in CALLERS:
            answer = await client.request(method, filled(path), headers=callers[caller])
            refused = answer.status_code in (401, 403)
            assert refused == _refused(rule, caller), (operation, caller, answer.status_code)
            assert answer.status_code < 500, (operation, caller, answer.text)
            if caller == "nobody" and rule.relation != "public":
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


def _refused(rule: access.Rule, caller: str) -> bool:
    return rule.relation != "public" and caller not in rule.roles


async def test_a_member_out_of_sight_does_not_exist(
    client: Client, session: AsyncSession, routes: list[tuple[str, str, str]], callers: dict[str, dict[str, str]]
) -> None:
    """For everyone but the coordinator, who sees the whole fund, a member of another branch is a 404 like any other."""
    theirs = await factories.member(session)
    await session.commit()
    for method, path, operation in routes:
        rule = RULES[operation]
        if rule.relation != "member" or "member_id" not in path:
            continue
        url = filled(re.sub(r"\{member_id:uuid\}", str(theirs.id), path))
        for role in sorted(rule.roles - {"coordinator"}):
            answer = await client.request(method, url, headers=callers[role])
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), (operation, role)


async def test_members_and_staff_of_the_token_alone_are_known(client: Client, session: AsyncSession) -> None:
    person = await factories.staff(session, role="coordinator")
    await session.commit()
    for claims in ({"member_no": "0"}, {"staff_no": person.staff_no}, {"member_no": True}, {"member_no": ["1"]}, {}):
        answer = await client.get("/v1/me", headers=signed(**claims))
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-known"), claims


async def test_a_case_out_of_sight_does_not_exist(
    client: Client, session: AsyncSession, routes: list[tuple[str, str, str]], callers: dict[str, dict[str, str]]
) -> None:
    """A call, call-in or dispute of another branch cannot be told from one that never was."""
    theirs = await factories.member(session)
    cases = {"call_id": await call(session, theirs.id), "call_in_id": await call_in(session, theirs.id)}
    made = await disputes.open_one(session, theirs.id, (await rating(session, theirs.id)).id, "No", now=NOW)
    [task_id] = await tasks.open_many(session, [tasks.NewTask(theirs.id, "agreement", "x", NOW.date())], now=NOW)
    await session.commit()
    asked = 0
    for method, path, operation in routes:
        for name, found in (cases | {"dispute_id": made.id, "task_id": task_id}).items():
            if f"{{{name}:uuid}}" not in path or RULES[operation].relation != "member":
                continue
            url = filled(path.replace(f"{{{name}:uuid}}", str(found)))
            for role in sorted(RULES[operation].roles - {"coordinator"}):
                answer = await client.request(method, url, headers=callers[role])
                assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), (operation, role)
                asked += 1
    assert asked > 20


async def test_a_role_that_the_provider_took_away_is_gone(client: Client, session: AsyncSession) -> None:
    person = await factories.staff(session, role="coordinator")
    await session.commit()
    for claims, status in (({}, 200), ({"roles": []}, 403), ({"roles": ["something"]}, 403), ({"roles": "leder"}, 403)):
        answer = await client.get("/v1/staff/members", headers=signed(staff_no=person.staff_no, **claims))
        assert answer.status_code == status, claims


async def test_a_member_s_roles_are_worth_nothing(client: Client, session: AsyncSession) -> None:
    member = await factories.member(session)
    await session.commit()
    headers = signed(member_no=member.member_no, roles=["coordinator"])
    for path in ("/v1/staff/me", "/v1/staff/members", f"/v1/staff/members/{member.id}"):
        assert (await client.get(path, headers=headers)).status_code == 403


async def test_looking_at_a_member_is_logged_with_what_was_done(
    client: Client, session: AsyncSession, routes: list[tuple[str, str, str]], callers: dict[str, dict[str, str]]
) -> None:
    member = await factories.member(session)
    await session.commit()
    looks: list[tuple[str, UUID | None]] = []
    for method, path, operation in routes:
        rule = RULES[operation]
        if method != "GET" or "coordinator" not in rule.roles or rule.relation not in ("member", "queue"):
            continue
        url = re.sub(r"\{member_id:uuid\}", str(member.id), path)
        if "{" in url:
            continue
        answer = await client.get(url, headers=callers["coordinator"])
        if answer.status_code == 200:
            looks.append((operation, member.id if rule.relation == "member" else None))
    rows = await session.execute(select(AccessLog.operation, AccessLog.member_id, AccessLog.action))
    assert sorted(rows.all(), key=str) == sorted([(name, who, "read") for name, who in looks], key=str)


async def test_a_member_reading_about_themselves_is_not_in_the_staffs_log(
    client: Client, session: AsyncSession, callers: dict[str, dict[str, str]]
) -> None:
    assert (await client.get("/v1/me", headers=callers["member"])).status_code == 200
    assert (await session.execute(select(AccessLog))).all() == []


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "Bearer x.y.z", "Bearer  "])
async def test_what_is_no_bearer_token(client: Client, header: str) -> None:
    answer: Any = await client.get("/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
