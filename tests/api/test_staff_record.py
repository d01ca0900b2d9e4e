"""What a member logged, was rated, was sent and saw happen, as staff read it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import tasks
from backend.db.types import new_id
from backend.notifications import service as messages
from backend.notifications.catalogue import BY_ID
from backend.notifications.service import NewMessage
from backend.timeline import service as timeline
from tests import factories
from tests.api.conftest import NOW, Client
from tests.api.staff_support import logged, pair, someone
from tests.casework.factories import rating

pytestmark = pytest.mark.db
MEMBERS = "/v1/staff/members"


async def test_the_log_is_narrowed_by_status_and_day(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    await session.execute(ENTRIES, {"member": member.id})
    await session.commit()

    async def days(query: str) -> list[str]:
        answer = await client.get(f"{MEMBERS}/{member.id}/job-log?{query}", headers=adviser)
        return [entry["appliedOn"] for entry in answer.json()["items"]]

    assert await days("") == ["2026-11-12", "2026-11-11", "2026-11-10"]
    assert await days("status=rejected") == ["2026-11-11"]
    assert await days("from=2026-11-11&to=2026-11-11") == ["2026-11-11"]


ENTRIES = text("""
    INSERT INTO job_log_entry (id, member_id, applied_on, logged_at, logged_on, status, channel, hours, country,
        postcode, employer, title, has_document, duplicate_key, source)
    SELECT gen_random_uuid(), :member, d.day, now(), d.day, d.status, 'posted', 'full', 'DK', '7100', 'V', 'S', false,
        hashtext(d.status), 'import'
    FROM (VALUES (date '2026-11-10', 'applied'), (date '2026-11-11', 'rejected'), (date '2026-11-12', 'interview'))
        AS d (day, status)
""")


async def test_the_rating_as_of_a_day(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    await rating(session, member.id, counted=3)
    await session.commit()
    url = f"{MEMBERS}/{member.id}/rating"
    assert (await client.get(f"{url}?on=2026-01-01", headers=adviser)).json()["rating"] is None
    assert (await client.get(f"{url}?on=2027-01-01", headers=adviser)).json()["rating"]["counted"] == 3
    assert await logged(session, "getMemberRating") == [("read", member.id)] * 2


async def test_what_a_member_was_sent_without_surveys(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    cause = {"colour": "yellow", "invitation": str(new_id())}
    sent = [NewMessage(member.id, key, "1", BY_ID[key].example, cause) for key in ("N10", "N26")]
    await messages.send(session, sent, now=NOW)
    await session.commit()
    page = (await client.get(f"{MEMBERS}/{member.id}/messages", headers=adviser)).json()
    assert [each["key"] for each in page["items"]] == ["N10"]
    steps = await client.get(f"/v1/staff/messages/{page['items'][0]['id']}/steps", headers=adviser)
    assert steps.json()[0]["what"] == "created"


async def test_the_timeline_of_a_member_page_by_page(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    for n in range(3):
        item = timeline.NewItem(member.id, "dispute", str(n), NOW + timedelta(days=n - 1))
        await timeline.add(session, [item], now=NOW)
    await session.commit()
    url, seen = f"{MEMBERS}/{member.id}/timeline?limit=2", []
    while url:
        page = (await client.get(url, headers=adviser)).json()
        seen += [each["at"][:10] for each in page["items"]]
        url = page["next"] and f"{MEMBERS}/{member.id}/timeline?limit=2&cursor={page['next']}"
    assert len(seen) == 3
    assert seen == sorted(seen, reverse=True)


async def test_the_branches(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    found = (await client.get("/v1/staff/branches", headers=adviser)).json()
    assert (str(member.branch_id), "Metal Vejle") in [(each["id"], each["name"]) for each in found]


async def test_the_tasks_about_one_member(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session)
    other = await factories.member(session, branch_id=member.branch_id)
    for one in (member, other):
        await tasks.open_many(session, [tasks.NewTask(one.id, "contact_me", "1", NOW.date())], now=NOW)
    await session.commit()
    found = (await client.get(f"/v1/staff/tasks?memberId={member.id}", headers=adviser)).json()["items"]
    assert [each["memberId"] for each in found] == [str(member.id)]


@pytest.mark.parametrize("path", ["rating", "messages", "timeline"])
async def test_another_branch_and_other_roles_see_nothing(client: Client, session: AsyncSession, path: str) -> None:
    member, _ = await pair(session)
    stranger = await someone(session, "adviser", branch_id=(await factories.branch(session)).id)
    assert (await client.get(f"{MEMBERS}/{member.id}/{path}", headers=stranger)).status_code == 404
    answer = await client.get(f"{MEMBERS}/{member.id}/{path}", headers=await someone(session, "manager"))
    assert answer.status_code == 403
