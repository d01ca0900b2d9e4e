"""The member's surveys over HTTP: answer once, in the app or by a link, decline, be left in peace, hear of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.app import create_app
from backend.api.limits import Limits
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.surveys import links
from tests import factories
from tests.api.conftest import NOW, Client, connected, signed
from tests.api.staff_support import logged, someone
from tests.surveys.factories import invited, rows

pytestmark = pytest.mark.db
Headers = dict[str, str]


@pytest.fixture
async def me(session: AsyncSession) -> tuple[UUID, Headers]:
    """The id of my invitation, and my headers."""
    [invitation_id] = await invited(
        session,
        1,
        (await factories.branch(session)).id,
        now=NOW - timedelta(hours=1),
        ended_at=NOW - timedelta(hours=4),
    )
    [row] = await rows(session, "survey_invitation i JOIN member m ON m.id = i.member_id", "m.member_no")
    await session.commit()
    return invitation_id, signed(member_no=row["member_no"])


async def test_what_i_am_asked_and_how_i_answer(
    client: Client, session: AsyncSession, me: tuple[UUID, Headers]
) -> None:
    invitation_id, headers = me
    [survey] = (await client.get("/v1/me/surveys", headers=headers | {"Accept-Language": "en"})).json()
    assert (survey["id"], survey["name"]) == (str(invitation_id), "your theme day")
    assert [(q["key"], q["kind"]) for q in survey["questions"]] == [
        ("Q9", "scale"),
        ("Q2", "scale"),
        ("Q10", "scale"),
        ("TEXT", "text"),
    ]
    assert [c["code"] for c in survey["questions"][0]["choices"]] == ["5", "4", "3", "2", "1", "0"]
    body = {"answers": {"Q9": ["5"], "Q2": ["0"]}, "texts": {"TEXT": "Tak"}, "contactWanted": False}
    key = headers | {"Idempotency-Key": "one"}
    path = f"/v1/me/surveys/{invitation_id}/answer"
    for _ in range(2):
        answer = await client.post(path, json=body, headers=key)
        assert (answer.status_code, answer.json()) == (201, {"contact": False})
    assert len(await rows(session, "survey_response")) == 1
    again = await client.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-answered")
    assert (await client.get("/v1/me/surveys", headers=headers)).json() == []


async def test_what_is_no_answer_is_named(client: Client, me: tuple[UUID, Headers]) -> None:
    invitation_id, headers = me
    path = f"/v1/me/surveys/{invitation_id}/answer"
    for body, field in (
        ({"answers": {"Q9": ["9"]}}, "answers.Q9"),
        ({"answers": {"Q1": ["5"]}}, "answers.Q1"),
        ({}, None),
    ):
        answer = await client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json().get("field")) == (422, field), body


async def test_anothers_survey_does_not_exist(client: Client, session: AsyncSession, me: tuple[UUID, Headers]) -> None:
    other = signed(member_no=(await factories.member(session)).member_no)
    await session.commit()
    for method, path in (("GET", ""), ("POST", "/answer"), ("POST", "/decline"), ("POST", "/link")):
        answer = await client.request(method, f"/v1/me/surveys/{me[0]}{path}", headers=other, json={"answers": {}})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-invitation"), path


async def test_declining_and_not_being_asked_for_a_year(client: Client, me: tuple[UUID, Headers]) -> None:
    invitation_id, headers = me
    assert (await client.post(f"/v1/me/surveys/{invitation_id}/decline", headers=headers)).status_code == 204
    assert (await client.get("/v1/me/surveys", headers=headers)).json() == []
    assert (await client.get(f"/v1/me/surveys/{invitation_id}", headers=headers)).status_code == 200
    assert (await client.get("/v1/me/survey-opt-out", headers=headers)).json() == {"until": None}
    until = (await client.put("/v1/me/survey-opt-out", headers=headers)).json()["until"]
    assert until.startswith("2027-11-18")
    assert (await client.get("/v1/me/survey-opt-out", headers=headers)).json() == {"until": until}
    assert (await client.delete("/v1/me/survey-opt-out", headers=headers)).json() == {"until": None}
    assert (await client.get("/v1/me/survey-opt-out", headers=headers)).json() == {"until": None}


async def test_who_says_no_is_shown_no_question_any_more(client: Client, me: tuple[UUID, Headers]) -> None:
    _, headers = me
    listed = [(await client.get("/v1/me/surveys", headers=headers)).json()]
    for method in ("PUT", "DELETE"):
        await client.request(method, "/v1/me/survey-opt-out", headers=headers)
        listed.append((await client.get("/v1/me/surveys", headers=headers)).json())
    assert [len(one) for one in listed] == [1, 0, 1]


async def test_a_link_answers_once_and_tells_nothing(
    client: Client, session: AsyncSession, me: tuple[UUID, Headers]
) -> None:
    invitation_id, headers = me
    token = (await client.post(f"/v1/me/surveys/{invitation_id}/link", headers=headers)).json()["token"]
    shown = await client.post("/v1/survey-links/open", json={"token": token})
    assert shown.status_code == 200
    assert set(shown.json()) == {"name", "questions", "longestText", "expiresAt"}
    assert str(invitation_id) not in shown.text
    refused = await client.post("/v1/survey-links/answer", json={"token": token, "answers": {"Q9": ["9"]}})
    assert refused.status_code == 422
    done = await client.post("/v1/survey-links/answer", json={"token": token, "answers": {"Q9": ["4"]}})
    assert (done.status_code, done.json()) == (200, {"contact": False})
    assert [row["code"] for row in await rows(session, "survey_answer")] == ["4"]
    said = set()
    for wrong in (token, "x" * 43, links.digest(token)):
        for path in ("open", "answer"):
            answer = await client.post(f"/v1/survey-links/{path}", json={"token": wrong})
            body = {name: value for name, value in answer.json().items() if name not in ("instance", "requestId")}
            said.add((answer.status_code, str(sorted(body.items()))))
    assert len(said) == 1
    assert next(iter(said))[0] == 404


async def test_trying_tokens_is_slowed(
    sessions: Sessions, settings: Settings, application: Callable[[Sessions], Litestar]
) -> None:
    app = create_app(settings, sessions, clock=lambda: NOW, limits=Limits(tries_burst=3, tries_per_second=0.001))
    async with connected(app) as client:
        tries = [(await client.post("/v1/survey-links/open", json={"token": "x" * 43})).status_code for _ in range(5)]
    assert tries == [404, 404, 404, 429, 429]


async def test_a_wish_is_seen_by_advisers_and_answered(
    client: Client, session: AsyncSession, me: tuple[UUID, Headers]
) -> None:
    invitation_id, headers = me
    [member] = await rows(session, "survey_invitation i JOIN member m ON m.id = i.member_id", "m.id, m.branch_id")
    adviser = await someone(session, "adviser", branch_id=member["branch_id"])
    stranger = await someone(session, "adviser")
    body = {"answers": {"Q9": ["1"]}, "texts": {"TEXT": "Ring til mig"}, "contactWanted": True}
    assert (await client.post(f"/v1/me/surveys/{invitation_id}/answer", json=body, headers=headers)).json()["contact"]
    [task] = await rows(session, "task")
    path = f"/v1/staff/survey-contacts/{task['key']}"
    said = (await client.get(path, headers=adviser)).json()
    assert {"question": "Q9", "codes": ["1"], "text": None} in said
    assert {"question": "TEXT", "codes": [], "text": "Ring til mig"} in said
    assert await logged(session, "getSurveyContact") == [("read", member["id"])]
    assert (await client.get(path, headers=stranger)).status_code == 404
    assert (await client.post(f"{path}/reply", json={"text": "Ny dato"}, headers=adviser)).status_code == 204
    assert (await client.post(f"{path}/reply", json={"text": "Ny dato"}, headers=adviser)).status_code == 409
    outcome = (await client.get("/v1/me/survey-outcome", headers=headers)).json()
    assert [(r["name"], r["text"]) for r in outcome["replies"]] == [("Karen Kjær", "Ny dato")]


async def test_without_the_wish_an_answer_leads_to_nobody(
    client: Client, session: AsyncSession, me: tuple[UUID, Headers]
) -> None:
    invitation_id, headers = me
    await client.post(f"/v1/me/surveys/{invitation_id}/answer", json={"answers": {"Q9": ["1"]}}, headers=headers)
    [response] = await rows(session, "survey_response", "id")
    coordinator = await someone(session, "coordinator")
    answer = await client.get(f"/v1/staff/survey-contacts/{response['id']}", headers=coordinator)
    assert answer.status_code == 404
