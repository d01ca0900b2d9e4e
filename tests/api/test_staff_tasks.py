"""Tasks and alerts over HTTP."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import service as alerts
from backend.alerts.service import NewAlert
from backend.casework import tasks
from backend.casework.tasks import NewTask
from tests import factories
from tests.api.conftest import NOW, Client
from tests.api.staff_support import logged, pair, someone

pytestmark = pytest.mark.db
TASKS, ALERTS = "/v1/staff/tasks", "/v1/staff/alerts"


async def opened(session: AsyncSession, member_id: UUID, key: str, due_on: date) -> str:
    [task_id] = await tasks.open_many(session, [NewTask(member_id, "contact_me", key, due_on, {"n": 2})], now=NOW)
    await session.commit()
    return str(task_id)


async def test_from_the_list_to_the_outcome_and_back(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    adviser |= {"Accept-Language": "da"}
    soon = await opened(session, member.id, "soon", date(2026, 11, 19))
    late = await opened(session, member.id, "late", date(2026, 11, 13))
    await opened(session, (await factories.member(session)).id, "elsewhere", date(2026, 11, 13))
    rows = (await client.get(TASKS, headers=adviser)).json()["items"]
    assert [(row["id"], row["overdue"], row["escalated"]) for row in rows] == [(late, True, True), (soon, False, False)]
    assert (rows[0]["title"], rows[0]["params"], rows[0]["name"]) == (
        "Medlemmet vil gerne kontaktes",
        {"n": 2},
        member.name,
    )
    only = await client.get(TASKS, headers=adviser, params={"overdue": "true", "kind": "contact_me"})
    assert [row["id"] for row in only.json()["items"]] == [late]
    assert (await client.post(f"{TASKS}/{late}/claim", headers=adviser)).json()["mine"] is True
    held = await client.get(TASKS, headers=adviser, params={"mine": "true"})
    assert [row["id"] for row in held.json()["items"]] == [late]
    done = await client.post(f"{TASKS}/{late}/outcome", headers=adviser, json={"outcome": "done", "note": "Rang"})
    assert (done.json()["state"], done.json()["overdue"], done.json()["note"]) == ("done", False, "Rang")
    assert (await client.post(f"{TASKS}/{late}/undo", headers=adviser)).json()["state"] == "claimed"
    assert (await client.post(f"{TASKS}/{late}/release", headers=adviser)).json()["state"] == "open"
    assert await logged(session, "completeTask") == [("write", member.id)]


async def test_pages_of_tasks_hold_each_once(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    made = [await opened(session, member.id, str(n), date(2026, 11, 19)) for n in range(5)]
    seen: list[str] = []
    params: dict[str, str] = {"limit": "2"}
    while True:
        page = (await client.get(TASKS, headers=adviser, params=params)).json()
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert sorted(seen) == sorted(made)


async def test_what_a_colleague_holds_cannot_be_done(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    colleague = await someone(session, "coordinator")
    task_id = await opened(session, member.id, "x", date(2026, 11, 19))
    await client.post(f"{TASKS}/{task_id}/claim", headers=colleague)
    answer = await client.post(f"{TASKS}/{task_id}/outcome", headers=adviser, json={"outcome": "done"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/task-taken")


async def test_alerts_are_for_those_who_lead(client: Client, session: AsyncSession) -> None:
    await alerts.raise_many(session, [NewAlert("job_missing", "rate-members")], now=NOW)
    await alerts.raise_many(session, [NewAlert("channel_down", "push")], now=NOW)
    await alerts.end_missing(session, "channel_down", [], now=NOW)
    manager, adviser = await someone(session, "manager"), await someone(session, "adviser")
    answer = await client.get(ALERTS, headers=manager | {"Accept-Language": "en"})
    assert [(row["kind"], row["text"]) for row in answer.json()["items"]] == [
        ("job_missing", "The run of rate-members that was due has not begun.")
    ]
    assert len((await client.get(ALERTS, headers=manager, params={"all": "true"})).json()["items"]) == 2
    assert (await client.get(ALERTS, headers=adviser)).status_code == 403
