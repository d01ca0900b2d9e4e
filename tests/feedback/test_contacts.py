"""Who wishes to be contacted is, within a working day, and hears what came of it. Nobody else's answers are seen."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import task_work
from backend.casework.tables_tasks import Task
from backend.errors import NotFound
from backend.feedback import contacts, loop
from backend.feedback.contacts import Contacted
from backend.members.identity import StaffIdentity
from backend.surveys import answers, attendance, changes, contact, invitations, links, retention
from backend.surveys.answers import Given
from backend.surveys.errors import NoSuchInvitation
from tests import factories
from tests.feedback.factories import held
from tests.surveys.builders import DAY, HOUR
from tests.surveys.factories import NOON, invited, rows, went

pytestmark = pytest.mark.db


async def wished(session: AsyncSession, *, wanted: bool = True) -> tuple[UUID, UUID]:
    """A response with what its member wishes, and the member."""
    [invitation_id] = await invited(session, 1, (await factories.branch(session)).id)
    found = await answers.opened(session, invitation_id, now=NOON)
    given = Given(codes={"Q9": ["1"]}, texts={"TEXT": "Ring"}, contact_wanted=wanted)
    response_id = await contacts.answer(session, found, given, now=NOON)
    [row] = await rows(session, "survey_invitation", "member_id")
    return response_id, row["member_id"]


async def test_a_wish_opens_a_task_for_the_next_working_day_that_tells_nothing(session: AsyncSession) -> None:
    response_id, member_id = await wished(session)
    [task] = await rows(session, "task")
    assert (task["kind"], task["key"], task["due_on"]) == ("contact_me", str(response_id), date(2026, 9, 16))
    assert (task["member_id"], task["params"]) == (member_id, {})
    said = await contacts.said(session, response_id, member_id)
    assert {(one.question, one.codes, one.body) for one in said} == {("Q9", ("1",), None), ("TEXT", (), "Ring")}


async def test_without_a_wish_nothing_can_be_seen(session: AsyncSession) -> None:
    response_id, member_id = await wished(session, wanted=False)
    assert await rows(session, "task") == []
    with pytest.raises(NotFound):
        await contacts.said(session, response_id, member_id)


async def test_a_reply_reaches_the_member_and_ends_the_task(session: AsyncSession) -> None:
    response_id, member_id = await wished(session)
    adviser = await factories.staff(session, name="Karen Kjær")
    await contacts.reply(session, response_id, member_id, "Vi har fundet en ny tid.", adviser.id, now=NOON + HOUR)
    assert [(r.name, r.text) for r in await contact.replies(session, member_id)] == [
        ("Karen Kjær", "Vi har fundet en ny tid.")
    ]
    assert [row["state"] for row in await rows(session, "task")] == ["cancelled"]
    message = [row for row in await rows(session, "message") if row["key"] == "N31"]
    assert [row["params"] for row in message] == [{"name": "Karen"}]
    with pytest.raises(Contacted):
        await contacts.reply(session, response_id, member_id, "Igen", adviser.id, now=NOON + HOUR)


async def test_a_call_that_was_made_from_the_list_of_tasks_counts(session: AsyncSession) -> None:
    await wished(session)
    adviser = await factories.staff(session)
    task_id = (await rows(session, "task", "id"))[0]["id"]
    await task_work.complete(session, task_id, adviser.id, "done", note="Talte", now=NOON + HOUR)
    await session.flush()
    assert await contacts.settle(session, now=NOON + HOUR) == 0
    assert await contacts.settle(session, now=NOON + 2 * HOUR) == 1
    [row] = await rows(session, "survey_response", "contact_handled_at, contact_handled_by")
    assert (row["contact_handled_at"], row["contact_handled_by"]) == (NOON + HOUR, adviser.id)
    assert await contacts.settle(session, now=NOON + 2 * HOUR) == 0


async def test_not_reached_is_not_contacted(session: AsyncSession) -> None:
    await wished(session)
    adviser = await factories.staff(session)
    await session.execute(update(Task).values(state="done", outcome="not_reached", ended_at=NOON, ended_by=adviser.id))
    assert await contacts.settle(session, now=NOON + DAY) == 0


async def test_declining_ends_the_asking_but_not_the_right_to_answer(session: AsyncSession) -> None:
    [invitation_id] = await invited(session, 1, (await factories.branch(session)).id)
    [row] = await rows(session, "survey_invitation", "member_id")
    member_id = row["member_id"]
    token = await links.issue(session, invitation_id, now=NOON)
    await answers.decline(session, invitation_id, member_id, now=NOON)
    assert await answers.open_for(session, member_id, now=NOON) == []
    assert await invitations.to_remind(session, now=NOON + 6 * DAY) == []
    with pytest.raises(NoSuchInvitation):
        await links.invitation_of(session, token, now=NOON)
    with pytest.raises(NoSuchInvitation):
        await answers.decline(session, invitation_id, (await factories.member(session)).id, now=NOON)
    found = await answers.opened(session, invitation_id, now=NOON, member_id=member_id)
    await answers.submit(session, found, Given(codes={"Q9": ["5"]}), now=NOON + HOUR)


async def test_what_was_changed_reaches_everybody_who_was_asked(session: AsyncSession) -> None:
    organiser = await factories.staff(session, role="organiser")
    event = await held(session, staff_id=organiser.id)
    await invited(session, 2, (await factories.branch(session)).id, series_key=str(event), event_key=str(event))
    [first, second] = [row["member_id"] for row in await rows(session, "survey_invitation", "member_id")]
    other = await factories.member(session)
    await attendance.record(session, [went(other.id, other.branch_id)], now=NOON)
    me = StaffIdentity(organiser.id, organiser.staff_no, "organiser", frozenset({"organiser"}), None)
    said = await loop.say(session, me, event, "Mere tid", "More time", now=NOON + DAY)
    assert set(said.members) == {first, second}
    told = [row["member_id"] for row in await rows(session, "message") if row["key"] == "N26.changed"]
    assert set(told) == {first, second}
    [change] = await changes.of_member(session, first, now=NOON + 2 * DAY)
    assert (change.da, change.en, change.name_en) == ("Mere tid", "More time", "your theme day")
    assert await changes.of_member(session, other.id, now=NOON + 2 * DAY) == []
    stranger = StaffIdentity(other.id, "X", "organiser", frozenset({"organiser"}), None)
    with pytest.raises(NotFound):
        await loop.say(session, stranger, event, "Nej", "No", now=NOON)


async def test_after_a_year_the_reply_is_gone_too(session: AsyncSession) -> None:
    response_id, member_id = await wished(session)
    adviser = await factories.staff(session)
    await contacts.reply(session, response_id, member_id, "Her er svaret", adviser.id, now=NOON)
    await retention.anonymise(session, now=NOON + 366 * DAY)
    assert (await session.execute(text("SELECT reply FROM survey_response"))).scalars().all() == [None]
