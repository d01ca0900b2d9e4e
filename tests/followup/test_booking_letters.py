"""What may cost benefit is told by letter: that the first talk must be booked, and that a talk was missed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.followup import booking_deadlines, booking_notices
from backend.notices.tables import Notice
from tests import factories
from tests.booking.factories import NOW, at, member, workshop
from tests.followup.factories import messages

pytestmark = pytest.mark.db


async def notices(session: AsyncSession) -> list[Notice]:
    return list(await session.scalars(select(Notice).order_by(Notice.id)))


async def test_the_first_talk_is_asked_for_by_letter_and_no_other(session: AsyncSession) -> None:
    member_id = await member(session, await factories.branch(session))
    await booking_deadlines.ask(session, [member_id], set_name="metal", now=NOW)
    (notice,) = await notices(session)
    (due_on,) = await session.scalars(
        text("SELECT d.due_on FROM booking_deadline d JOIN message m ON m.period = d.obligation_id::text"
             " WHERE m.key = 'N02'")
    )  # fmt: skip
    assert (notice.template, notice.origin, notice.approved_by) == ("booking_deadline", "rule", None)
    assert notice.content["facts"][0]["value"].endswith(f"{due_on.day}. august 2026")
    assert (await messages(session, member_id)).count("N02") == 1
    await booking_deadlines.ask(session, [member_id], set_name="metal", now=NOW)
    assert len(await notices(session)) == 1


async def missed(session: AsyncSession, *, lawful: bool | None = None, **values: Any) -> Any:
    """A talk of today that a member stayed away from; the booking's id."""
    someone = await factories.member(session)
    held = await workshop(session, kind="talk", capacity=1, starts_at=at(date(2026, 8, 3), 8), form="phone", place=None)
    booking = new_id()
    await session.execute(
        text("INSERT INTO booking (id, member_id, session_id, state, booked_by, created_at, booked_at, lawful, "
             "changed_at) VALUES (:id, :member, :session, 'absent', :by, :now, :now, :lawful, :now)"),
        {"id": booking, "member": someone.id, "session": held, "by": values.get("booked_by"), "now": NOW,
         "lawful": lawful},
    )  # fmt: skip
    return booking


async def test_a_missed_talk_of_today_is_a_letter(session: AsyncSession) -> None:
    staff = await factories.staff(session)
    own, called = await missed(session), await missed(session, booked_by=staff.id)
    lawful = await missed(session, lawful=True)
    assert await booking_notices.no_show(session, [own, called, lawful], now=NOW) == 2
    found = {notice.origin: notice for notice in await notices(session)}
    assert found.keys() == {"self_booked", "called_in"}
    assert found["called_in"].approved_by == staff.id
    facts = {fact["name"]: fact["value"] for fact in found["self_booked"].content["facts"]}
    assert (facts["date"], facts["where"]) == ("mandag den 3. august 2026", "Vi ringer til dig: 20 00 00 00")
    assert await booking_notices.no_show(session, [own, called], now=at(date(2026, 8, 4), 9)) == 0
