"""The running of the house over HTTP: jobs, deliveries, and the search of the access log."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.app import create_app
from backend.api.identity import Verifier
from backend.api.keys import FixedKeys
from backend.db.engine import Sessions
from backend.jobs import ledger, ranges, standing
from backend.jobs.job import Job, nothing
from backend.jobs.standing import Standing
from backend.members import access
from backend.settings import Settings
from tests import factories
from tests.api.conftest import KEY, NOW, Client, connected, signed
from tests.api.staff_support import logged, someone
from tests.api.test_staff_deliveries import rejected

pytestmark = pytest.mark.db
SEARCH = "/v1/staff/access-log/search"
HOURLY = Job(
    name="hourly",
    about="Throws away what nobody needs any more",
    cron={"minute": "0"},
    staleness=timedelta(hours=1),
    work=nothing,
    plan=ranges.once,
    members=ranges.nobody,
)


async def jobs(session: AsyncSession, now: datetime) -> Sequence[Standing]:
    return await standing.of(session, [HOURLY], now=now)


@pytest.fixture
async def informed(settings: Settings, sessions: Sessions) -> AsyncIterator[Client]:
    """A client of an application that was told of the timetable."""
    verifier = Verifier(settings, FixedKeys(lambda: KeySet([RSAKey.import_key(KEY.as_dict(private=False))])))
    async with connected(create_app(settings, sessions, clock=lambda: NOW, verifier=verifier, jobs=jobs)) as client:
        yield client


async def test_jobs_expected_against_actual(informed: Client, session: AsyncSession) -> None:
    me = await someone(session, "coordinator")
    [job] = (await informed.get("/v1/staff/operations/jobs", headers=me)).json()
    assert (job["last"], job["missing"], job["lateSeconds"]) == (None, [], 0)
    began = NOW - timedelta(hours=2)
    run_id = await ledger.begin(session, HOURLY, began, began)
    assert run_id
    await session.commit()
    [job] = (await informed.get("/v1/staff/operations/jobs", headers=me)).json()
    assert [datetime.fromisoformat(at) for at in job["missing"]] == [NOW - timedelta(hours=1)]
    assert job["lateSeconds"] == 3600
    assert (job["last"]["state"], job["last"]["batchesDone"], job["last"]["batches"]) == ("running", 0, 1)
    await ledger.give_up(session, run_id, NOW)
    await session.commit()
    [job] = (await informed.get("/v1/staff/operations/jobs", headers=me)).json()
    assert job["last"]["state"] == "failed"
    assert datetime.fromisoformat(job["nextAt"]) == NOW


async def test_deliveries_are_counted_by_channel_and_state(client: Client, session: AsyncSession) -> None:
    await rejected(session)
    me = await someone(session, "coordinator")
    found = (await client.get("/v1/staff/operations/deliveries", headers=me)).json()
    assert {"channel": "push", "state": "rejected", "deliveries": 1} in found


async def test_the_access_log_is_searched_by_staff_member_and_day(client: Client, session: AsyncSession) -> None:
    one, two = await factories.staff(session), await factories.staff(session)
    member, another = await factories.member(session), await factories.member(session)
    for days, who, whom in ((0, one, member), (1, one, another), (1, two, member)):
        await access.log(session, who.id, whom.id, "read", "getMemberCard", NOW - timedelta(days=days))
    me = await someone(session, "coordinator")

    async def found(**wanted: object) -> list[tuple[str, str]]:
        answer = await client.post(SEARCH, headers=me, json=wanted)
        lines = [line for line in answer.json()["items"] if line["operation"] == "getMemberCard"]
        return [(line["staffNo"], line["memberNo"]) for line in lines]

    assert await found(staffNo=one.staff_no) == [(one.staff_no, member.member_no), (one.staff_no, another.member_no)]
    assert await found(memberNo=member.member_no) == [
        (one.staff_no, member.member_no),
        (two.staff_no, member.member_no),
    ]
    assert len(await found(day="2026-11-17")) == 2
    assert await found(staffNo=two.staff_no, day="2026-11-18") == []
    assert await found(memberNo="0") == []
    assert await logged(session, "searchAccessLog") == [
        ("read", None), ("read", member.id), ("read", None), ("read", None), ("read", None)
    ]  # fmt: skip


async def test_pages_of_the_access_log_follow_one_another(client: Client, session: AsyncSession) -> None:
    who = await factories.staff(session)
    for minutes in range(3):
        await access.log(session, who.id, None, "read", "listTriage", NOW - timedelta(minutes=minutes))
    me = signed(staff_no=(await factories.staff(session, role="coordinator")).staff_no)
    await session.commit()
    body = {"staffNo": who.staff_no, "limit": 2}
    first = (await client.post(SEARCH, headers=me, json=body)).json()
    rest = (await client.post(SEARCH, headers=me, json=body | {"cursor": first["next"]})).json()
    at = [datetime.fromisoformat(line["at"]) for line in (*first["items"], *rest["items"])]
    assert (at, rest["next"]) == ([NOW - timedelta(minutes=n) for n in range(3)], None)


async def test_a_day_of_another_age_is_refused(client: Client, session: AsyncSession) -> None:
    me = await someone(session, "coordinator")
    answer = await client.post(SEARCH, headers=me, json={"day": "9999-12-31"})
    assert (answer.status_code, answer.json()["field"]) == (422, "day")
