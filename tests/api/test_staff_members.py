"""The triage list and the member's card over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.followup import decisions, disputes
from backend.followup.calls import Excuse
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import call, call_in, rating
from tests.followup.factories import colleague

pytestmark = pytest.mark.db
MEMBERS = "/v1/staff/members"


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_who_i_am(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    me = (await client.get("/v1/staff/me", headers=adviser)).json()
    assert (me["name"], me["role"], me["roles"], me["branchId"]) == (
        "Karen Kjær", "adviser", ["adviser"], str(member.branch_id),
    )  # fmt: skip
    assert me["branchName"] == "Metal Vejle"


async def test_the_list_pages_filters_and_searches(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red", member_no="4711")
    other = await factories.member(session, colour="green", branch_id=member.branch_id, search_key="bo lund")
    await factories.member(session, colour="red")
    await session.commit()
    first = (await client.get(f"{MEMBERS}?limit=1", headers=adviser)).json()
    assert first["items"][0]["memberId"] == str(member.id)
    assert first["items"][0]["colour"]["shape"] == "frown"
    assert first["items"][0]["deadline"] is None
    second = (await client.get(f"{MEMBERS}?limit=1&cursor={first['next']}", headers=adviser)).json()
    assert [row["memberId"] for row in second["items"]] == [str(other.id)]
    assert second["next"] is None
    green = (await client.get(f"{MEMBERS}?colour=green", headers=adviser)).json()["items"]
    assert [row["memberId"] for row in green] == [str(other.id)]
    assert await logged(session, "listTriage") == [("read", None)] * 3


async def test_a_name_is_searched_for_in_a_body_and_the_search_is_a_read(client: Client, session: AsyncSession) -> None:
    """URLs end in the logs of proxies; a name is not in one."""
    member, adviser = await pair(session, colour="red", member_no="4711")
    other = await factories.member(session, colour="green", branch_id=member.branch_id, search_key="bo lund_%")
    await factories.member(session, colour="red", member_no="4712", search_key="bo lund_%")
    await session.commit()
    for body, found in (
        ({"search": "47"}, [member]), ({"search": "BO"}, [other]), ({"search": "d_%"}, [other]),
        ({"search": "%"}, [other]), ({"search": "_"}, [other]), ({"search": "b_"}, []),
        ({"search": "bo", "colour": ["red"]}, []), ({"search": "ø\u202e\U0001f600"}, []), ({"search": "9" * 80}, []),
    ):  # fmt: skip
        answer = await client.post(f"{MEMBERS}/search", headers=adviser, json=body)
        assert answer.status_code == 200, body
        assert [row["memberId"] for row in answer.json()["items"]] == [str(each.id) for each in found], body
    assert await logged(session, "searchMembers") == [("read", None)] * 9
    for wrong in ({"search": ""}, {"search": "a\x00"}, {"search": "a", "cursor": "xyz"}, {"search": "a" * 81}, {}):
        assert (await client.post(f"{MEMBERS}/search", headers=adviser, json=wrong)).status_code == 422, wrong
    surrogate = await client.post(f"{MEMBERS}/search", headers=adviser, content=b'{"search": "\\ud800"}')
    assert surrogate.status_code in (400, 422)


async def test_a_repeated_answer_is_a_read_of_its_own(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    body = {"validFrom": "2026-11-18", "minPerWeek": 3, "minPostedPerWeek": 1, "uploadsPerMonth": 1}
    headers = adviser | {"Idempotency-Key": "one"}
    for _ in range(2):
        assert (await client.post(f"{MEMBERS}/{member.id}/requirements", headers=headers, json=body)).status_code == 201
    assert await logged(session, "setRequirement") == [("write", member.id), ("read", member.id)]


@pytest.mark.parametrize("query", [
    "cursor=xyz", "colour=blue", "limit=0", "limit=101", "branch=here", "cursor=WzEsMiwzXQ",
    "cursor=WyIyMDI2LTExLTE4Iiw5OTk5OTksMS4wLCIyMDI2LTExLTE4IiwiMDFhMjAxY2MtNTExMC03MmZkLWIzZWMtOGQ3Y2VmZjRlMDFjIl0",
])  # fmt: skip
async def test_questions_that_make_no_sense(client: Client, session: AsyncSession, query: str) -> None:
    _, adviser = await pair(session)
    assert (await client.get(f"{MEMBERS}?{query}", headers=adviser)).status_code == 422


async def test_the_card_holds_everything(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await call(session, member.id)
    await call_in(session, member.id)
    made = await rating(session, member.id, counted=5)
    await disputes.open_one(session, member.id, made.id, "I did search", now=NOW)
    await session.commit()
    card = (await client.get(f"{MEMBERS}/{member.id}", headers=adviser | {"Accept-Language": "en"})).json()
    assert card["profile"]["memberNo"] == member.member_no
    assert card["rating"]["colour"]["word"] == "Yellow"
    assert [reason["code"] for reason in card["rating"]["reasons"]] == ["zero_week"]
    assert [each["state"] for each in card["calls"] + card["callIns"] + card["disputes"]] == [
        "open",
        "proposed",
        "open",
    ]
    assert [each["minPerWeek"] for each in card["requirements"]] == [2]
    assert card["disputes"][0]["text"] == "I did search"
    assert card["deadline"] == "2026-11-23"
    assert [each["kind"] for each in card["timeline"]] == ["dispute"]
    assert await logged(session, "getMemberCard") == [("read", member.id)]


async def test_the_card_costs_the_same_with_more_on_it(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    await rating(session, member.id)
    await session.commit()
    counts = []
    for _ in range(2):
        with counted() as seen:
            assert (await client.get(f"{MEMBERS}/{member.id}", headers=adviser)).status_code == 200
        counts.append(len(seen))
        await call(session, member.id)
        await call_in(session, member.id)
        await session.commit()
    assert counts[0] == counts[1]


async def test_a_card_without_a_rating(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    card = (await client.get(f"{MEMBERS}/{member.id}", headers=adviser)).json()
    assert (card["rating"]["rating"], card["rating"]["colour"]["colour"], card["log"]) == (None, "none", [])


async def test_health_is_for_those_who_need_it(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="yellow")
    decider = await colleague(session, branch_id=member.branch_id)
    sick = Excuse("sygdom", NOW.astimezone(COPENHAGEN).date(), None, "Operation")
    await decisions.grant_exemption(session, member.id, decider, sick, now=NOW, call_queue="branch")
    consultant = await factories.staff(session, role="job_consultant")
    member.adviser_id = consultant.id
    await session.commit()
    shown = (await client.get(f"{MEMBERS}/{member.id}", headers=adviser)).json()
    assert [(x["type"], x["reason"]) for x in shown["exemptions"]] == [("sygdom", "Operation")]
    headers = signed(staff_no=consultant.staff_no)
    veiled = await client.get(f"{MEMBERS}/{member.id}", headers=headers)
    assert [(x["type"], x["reason"]) for x in veiled.json()["exemptions"]] == [("exempt", None)]
    assert "sygdom" not in veiled.text
    assert "Operation" not in veiled.text
    (row,) = (await client.get(MEMBERS, headers=headers)).json()["items"]
    assert row["reasons"] == [{"code": "exempt", "text": "Fritaget"}]


async def test_the_log_and_the_ratings_of_a_member(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    for counted_now in (1, 2):
        await rating(session, member.id, counted=counted_now)
    await session.commit()
    page = (await client.get(f"{MEMBERS}/{member.id}/ratings?limit=1", headers=adviser)).json()
    assert [each["counted"] for each in page["items"]] == [2]
    rest = (await client.get(f"{MEMBERS}/{member.id}/ratings?cursor={page['next']}", headers=adviser)).json()
    assert [each["counted"] for each in rest["items"]] == [1]
    log = await client.get(f"{MEMBERS}/{member.id}/job-log", headers=adviser)
    assert log.json() == {"items": [], "next": None}


@pytest.mark.parametrize("path", ["", "/job-log", "/ratings"])
async def test_another_branch_and_other_roles_see_nothing(client: Client, session: AsyncSession, path: str) -> None:
    member, _ = await pair(session)
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.get(f"{MEMBERS}/{member.id}{path}", headers=stranger)).status_code == 404
    for role in ("manager", "organiser", "contact_centre"):
        assert (
            await client.get(f"{MEMBERS}/{member.id}{path}", headers=await someone(session, role))
        ).status_code == 403
