"""The CV and the benefit card over HTTP, for advisers and for the member."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit.tables import BenefitCard
from backend.notifications.tables import Message
from tests.api.conftest import Client, signed
from tests.api.staff_support import logged, pair

pytestmark = pytest.mark.db


async def test_a_cv_is_returned_and_then_approved(client: Client, session: AsyncSession) -> None:
    member, adviser = await pair(session, unemployed_from=date(2026, 11, 9))
    me, path = signed(member_no=member.member_no), f"/v1/staff/members/{member.id}/cv"
    mine = (await client.get("/v1/me/cv", headers=me)).json()
    assert mine == {"state": "missing", "readyBy": "2026-11-22", "comment": None, "decidedAt": None}
    silent = await client.post(f"{path}/decisions", headers=adviser, json={"verdict": "returned"})
    assert (silent.status_code, silent.json()["type"]) == (422, "/problems/comment-needed")
    said = {"verdict": "returned", "comment": "Your last job is missing"}
    assert (await client.post(f"{path}/decisions", headers=adviser, json=said)).status_code == 201
    mine = (await client.get("/v1/me/cv", headers=me)).json()
    assert (mine["state"], mine["comment"]) == ("returned", "Your last job is missing")
    told = await session.scalars(select(Message.key).where(Message.member_id == member.id))
    assert told.all() == ["N31.cv"]
    await client.post(f"{path}/decisions", headers=adviser, json={"verdict": "approved"})
    seen = (await client.get(path, headers=adviser)).json()
    assert (seen["state"], [each["verdict"] for each in seen["decisions"]]) == ("approved", ["approved", "returned"])
    assert await logged(session, "decideCv") == [("write", member.id), ("write", member.id)]


@pytest.mark.parametrize(
    ("card", "status"),
    [
        ({"month": "2026-11", "sentOn": "2026-11-18"}, 201),
        ({"month": "2026-11", "sentOn": "2026-11-19"}, 422),  # tomorrow
        ({"month": "2026-11", "sentOn": "2026-10-31"}, 422),  # before its month
        ({"month": "2025-01", "sentOn": "2025-01-31"}, 422),  # long ago
        ({"month": "2026-13", "sentOn": "2026-11-18"}, 422),
    ],
)
async def test_a_card_is_noted(client: Client, session: AsyncSession, card: dict[str, str], status: int) -> None:
    member, adviser = await pair(session)
    path = f"/v1/staff/members/{member.id}/benefit-cards"
    first = await client.post(path, headers=adviser, json=card)
    assert first.status_code == status
    found = (await session.scalars(select(BenefitCard))).all()
    assert [(each.member_id, each.source) for each in found] == ([(member.id, "staff")] if status == 201 else [])
    if status == 201:
        assert (await client.post(path, headers=adviser, json=card)).json()["new"] is False
