"""Events where members were clearly less satisfied than aimed at, and the list in which organisers see them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy.ext.asyncio import AsyncSession

from backend.feedback import loop, low_scores, reports
from backend.members.identity import StaffIdentity
from backend.surveys import counting
from tests import factories
from tests.api.survey_support import ASKED, answers, event
from tests.surveys.factories import rows

pytestmark = pytest.mark.db
LATER = ASKED + timedelta(hours=1)


async def held(session: AsyncSession, codes: str, staff: Any = None) -> str:
    made = str(await event(session, staff))
    await answers(session, None, codes, 2, series_key=made, event_key=made)
    await counting.close_ripe(session, now=LATER)
    return made


async def alerts(session: AsyncSession) -> list[tuple[str, bool]]:
    found = await rows(session, "alert", "key, kind, params, ended_at")
    return [(row["key"], row["ended_at"] is None) for row in found if row["kind"] == "low_score"]


async def test_clearly_under_target_raises_one_alert_that_names_nobody(session: AsyncSession) -> None:
    low = await held(session, "22113")
    await held(session, "55441")
    assert len(await low_scores.watch(session, now=LATER)) == 1
    assert await low_scores.watch(session, now=LATER + timedelta(minutes=30)) == []
    assert await alerts(session) == [(low, True)]
    [stored] = await rows(session, "alert", "params")
    assert stored["params"] == {"n": 3}


async def test_what_may_be_chance_or_is_not_five_answers_raises_none(session: AsyncSession) -> None:
    await held(session, "54221")
    await held(session, "1111")
    assert await low_scores.watch(session, now=LATER) == []


async def test_it_stands_until_something_is_said_to_have_changed_and_comes_back_with_new_low_answers(
    session: AsyncSession,
) -> None:
    staff = await factories.staff(session, role="organiser")
    me = StaffIdentity(staff.id, staff.staff_no, "organiser", frozenset({"organiser"}), None)
    low = await held(session, "22113", staff)
    await low_scores.watch(session, now=LATER)
    [listed] = await reports.listed(session, me, after=None, limit=5)
    assert listed.follow_up_by == LATER.date() + timedelta(days=1)
    assert [(one.asked, one.rate, one.low) for one in listed.summaries] == [(7, 5 / 7, 3)]
    after = LATER + timedelta(days=1)
    await loop.say(session, me, listed.event.series_id, "Kortere", "Shorter", now=after)
    assert await alerts(session) == [(low, False)]
    await answers(session, None, "11122", series_key=low, event_key=low)
    await counting.close_ripe(session, now=after + timedelta(hours=1))
    assert len(await low_scores.watch(session, now=after + timedelta(hours=1))) == 1


async def test_an_old_event_is_let_be(session: AsyncSession) -> None:
    low = await held(session, "11111")
    await low_scores.watch(session, now=LATER)
    await low_scores.watch(session, now=LATER + timedelta(days=31))
    assert await alerts(session) == [(low, False)]


async def test_what_members_say_of_one_advisers_talks_raises_nothing(session: AsyncSession) -> None:
    adviser = await factories.staff(session)
    branch = await factories.branch(session)
    own = str(adviser.id)
    place: dict[str, Any] = {"series_key": own, "event_key": own, "touchpoint": "T1", "compulsory": True}
    await answers(session, branch.id, "1111111", **place)
    await counting.close_ripe(session, now=LATER)
    assert await rows(session, "survey_block") != []
    assert await low_scores.watch(session, now=LATER) == []


async def test_a_list_of_many_events_asks_no_more_than_one_of_few(session: AsyncSession) -> None:
    staff = await factories.staff(session, role="organiser")
    me = StaffIdentity(staff.id, staff.staff_no, "organiser", frozenset({"organiser"}), None)
    counted = []
    for _ in range(2):
        for codes in ("55441", "22113", "54"):
            await held(session, codes, staff)
        counted.append(await statements(session, me))
    assert counted[0] == counted[1] < 15


async def statements(session: AsyncSession, me: StaffIdentity) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    engine = (await session.connection()).sync_connection
    sql_events.listen(engine, "before_cursor_execute", note)
    assert await reports.listed(session, me, after=None, limit=30)
    sql_events.remove(engine, "before_cursor_execute", note)
    return len(seen)
