"""A calendar of any week: what was held and how it went, what is free; colleagues by name."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tests.api.conftest import Client
from tests.api.talk_support import BEGINS, call, counted, room

pytestmark = pytest.mark.db


async def test_a_week_shows_its_talks_what_is_free_and_afterwards_how_it_went(
    client: Client, session: AsyncSession
) -> None:
    here = await room(client, session)
    day = BEGINS.date().isoformat()
    path = f"/v1/staff/calendars/{here.adviser.id}?from={day}&days=1"
    week = await call(client, here.staff, "GET", path)
    [talk] = week["sessions"]
    assert (talk["bookingId"], talk["state"], talk["memberId"]) == (here.booking_id, "booked", str(here.person.id))
    assert week["free"]
    assert all(one["endsAt"] <= talk["startsAt"] or one["startsAt"] >= talk["endsAt"] for one in week["free"])
    before = await call(client, here.staff, "GET", f"/v1/staff/calendars/{here.adviser.id}?from=2026-01-05&days=6")
    assert (before["sessions"], before["free"]) == ([], [])


async def test_colleagues_are_chosen_by_name_in_one_statement_and_not_by_members(
    client: Client, session: AsyncSession, engine: AsyncEngine
) -> None:
    here = await room(client, session)
    with counted(engine) as sent:
        found = await call(client, here.staff, "GET", "/v1/staff/colleagues")
    assert sum("branch_name" in one for one in sent) == 1
    own = next(one for one in found if one["id"] == str(here.adviser.id))
    assert (own["name"], own["role"], own["branchName"]) == ("Karen Kjær", "adviser", here.branch.name)
    await call(client, here.member, "GET", "/v1/staff/colleagues", status=403)
