"""A person decides about a call-in: evidence read, a reason kept, and the member told only after an approval."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import feeds, service
from backend.booking.errors import MemberBusy, OwnTimeTaken
from backend.booking.ics import Entry
from backend.casework import errors
from backend.casework.rules_call_ins import READING_PAUSE, Approval, Form
from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.errors import NotFound
from backend.followup import call_ins, reminders
from backend.notices import queries
from backend.notices.tables import Notice
from backend.timeline import texts
from tests.booking.factories import at, workshop
from tests.casework.factories import NOW, call_in
from tests.followup.factories import colleague, current, events, items, messages, pair

pytestmark = pytest.mark.db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=COPENHAGEN)
# When the adviser opened the evidence: long enough before.
READ = NOW - READING_PAUSE
APPROVAL = Approval("Nothing logged since October", MONDAY, "Vejle, room 2")


async def test_approval_needs_the_evidence_read_by_the_one_who_approves(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    reader = await colleague(session, branch_id=member.branch_id)
    case_id = await call_in(session, member.id)
    opened = await call_ins.open_sheet(session, case_id, reader, now=NOW)
    assert (opened.opened_at, opened.evidence["rating"]) == (NOW, {"counted": 3})
    with pytest.raises(errors.EvidenceUnread):
        await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    later = NOW + timedelta(minutes=5)
    await call_ins.open_sheet(session, case_id, adviser, now=later - READING_PAUSE)
    again = await call_ins.open_sheet(session, case_id, adviser, now=later)
    assert again.opened_at == NOW, "the first time is kept"
    early = later - timedelta(seconds=1)
    with pytest.raises(errors.ReadFirst):
        await call_ins.approve(session, case_id, adviser, APPROVAL, now=early)
    approved = await call_ins.approve(session, case_id, adviser, APPROVAL, now=later)
    assert (approved.state, approved.decided_by, approved.decision_reason) == ("approved", adviser.id, APPROVAL.reason)
    assert await events(session, case_id) == ["proposed", "opened", "opened", "approved"]


async def test_an_approval_tells_the_member_and_places_the_talk(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    assert await messages(session, member.id) == []
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    assert await messages(session, member.id) == ["N04"]
    (talk,) = await items(session, member.id, "call_in_talk")
    assert (talk.at, talk.needs_action, talk.done_at, talk.params) == (MONDAY, True, None, {"place": "Vejle, room 2"})
    assert (await current(session, member.id)).deadline == date(2026, 11, 23)


async def test_a_talk_takes_the_members_time_until_it_is_called_off(session: AsyncSession) -> None:
    """Neither is anybody called in when they are elsewhere, nor do they book when they are called in."""
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    event = await workshop(session, starts_at=MONDAY - timedelta(hours=1))
    booking = (await service.book_seat(session, member.id, event, now=READ)).booking_id
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    with pytest.raises(MemberBusy):
        async with session.begin_nested():
            await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    await service.cancel(session, booking, member.id, reason="other", now=NOW)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    with pytest.raises(OwnTimeTaken):
        await service.book_seat(session, member.id, event, now=NOW)
    assert await reminders.remind(session, now=at(date(2026, 11, 19), 8)) == 1
    assert (await messages(session, member.id))[-1] == "N05"
    owner = feeds.Owner(member.id, None)

    async def shown() -> list[Entry]:
        return [one for one in await feeds.entries(session, owner, set_name="metal", now=NOW) if one.uid == case_id]

    [before] = await shown()
    assert (before.title, before.starts_at, before.place) == ("Samtale med os", MONDAY, "Vejle, room 2")
    await call_ins.cancel(session, case_id, adviser, "The member has a job", now=NOW)
    [after] = await shown()
    assert (after.cancelled, after.sequence > before.sequence) == (True, True)
    assert await reminders.remind(session, now=at(MONDAY.date(), 8)) == 0
    await service.book_seat(session, member.id, event, now=NOW)


async def test_a_rejection_is_kept_and_the_member_hears_nothing(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    with pytest.raises(errors.ReasonNeeded):
        await call_ins.reject(session, case_id, adviser, " ", now=NOW)
    rejected = await call_ins.reject(session, case_id, adviser, "Was in hospital", now=NOW)
    assert (rejected.state, rejected.decision_reason, rejected.ended_at) == ("rejected", "Was in hospital", NOW)
    assert await messages(session, member.id) == []
    assert (await current(session, member.id)).deadline == date.max
    with pytest.raises(errors.CallInDecided):
        await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)


async def test_a_cancelled_talk_leaves_the_timeline_done(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    cancelled = await call_ins.cancel(session, case_id, adviser, "Starts a job", now=NOW)
    assert (cancelled.state, cancelled.decision_reason) == ("cancelled", APPROVAL.reason)
    (talk,) = await items(session, member.id, "call_in_talk")
    assert (talk.done_at, talk.params["state"]) == (NOW, "cancelled")
    assert await messages(session, member.id) == ["N04", "N06.cancelled"]


async def test_a_proposal_called_off_is_none_of_the_members_business(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.cancel(session, case_id, adviser, "Improved", now=NOW)
    assert await messages(session, member.id) == []


async def test_a_held_talk_starts_the_rating_afresh(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    after = MONDAY + timedelta(hours=2)
    held = await call_ins.hold(session, case_id, adviser, date(2026, 11, 23), now=after, call_queue="branch")
    assert (held.state, held.held_on) == ("held", date(2026, 11, 23))
    now_held = await current(session, member.id)
    assert now_held.reasons == ["insufficient_basis"]
    assert now_held.deadline == date.max


async def test_a_member_who_did_not_come(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    with pytest.raises(errors.TalkNotOver):
        await call_ins.miss(session, case_id, adviser, now=NOW)
    missed = await call_ins.miss(session, case_id, adviser, now=MONDAY)
    assert (missed.state, missed.held_on) == ("no_show", None)


async def test_a_call_in_that_does_not_exist(session: AsyncSession) -> None:
    _, adviser = await pair(session)
    with pytest.raises(NotFound):
        await call_ins.open_sheet(session, new_id(), adviser, now=NOW)


@pytest.mark.parametrize(("form", "place", "param"), [
    ("attendance", "Vejle, room 2", "place"),
    ("phone", "+45 20 00 00 00", "call_to"),
    ("video", "By the link", "video"),
])  # fmt: skip
async def test_an_approval_is_a_letter_that_says_how_and_why(
    session: AsyncSession, form: Form, place: str, param: str
) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    approval = APPROVAL._replace(form=form, talk_place=place, purpose="my_plan")
    await call_ins.approve(session, case_id, adviser, approval, now=NOW)
    (notice,) = await session.scalars(select(Notice).where(Notice.member_id == member.id))
    assert (notice.template, notice.author_id, notice.approved_by) == ("call_in", adviser.id, adviser.id)
    facts = {fact["name"]: fact["value"] for fact in notice.content["facts"]}
    assert facts["date"] == "mandag den 23. november 2026"
    assert facts["where"].endswith(place)
    told = {part["about"]: part["paragraphs"] for part in notice.content["sections"]}
    assert "plan" in told["purpose"][0]
    assert {"lawful_absence", "rebook", "interpreter", "consequence", "contact"} <= told.keys()
    (item,) = await items(session, member.id, "call_in_talk")
    assert item.params == {param: place}
    _, body = texts.render("en", "call_in_talk", item.params, at=MONDAY, due_at=MONDAY)
    assert place in body


async def test_a_call_in_that_is_called_off_says_so_in_its_file(session: AsyncSession) -> None:
    member, adviser = await pair(session, colour="red")
    case_id = await call_in(session, member.id)
    await call_ins.open_sheet(session, case_id, adviser, now=READ)
    await call_ins.approve(session, case_id, adviser, APPROVAL, now=NOW)
    await call_ins.cancel(session, case_id, adviser, "Found a job", now=NOW)
    (notice,) = await queries.of_member(session, member.id)
    assert notice.cancelled_at == NOW
