"""What the bookings say of attendance becomes what surveys may ask about, once, and never after absence."""

from datetime import datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.tables import Booking
from backend.casework.tables import CallAttempt, CallIn, ServiceCall
from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.feedback import attendance, known, touchpoints
from backend.surveys import catalogue, choices, invitations, own
from backend.surveys.invitations import Known
from backend.surveys.own import Draft, DraftSurvey
from tests import factories
from tests.casework.factories import call, rating
from tests.feedback.factories import attended, called_in, held
from tests.surveys.builders import DAY, HOUR, TUESDAY
from tests.surveys.factories import NOON, rows

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
async def loaded(session: AsyncSession) -> None:
    await catalogue.load(session)


async def note(session: AsyncSession, now: Any = TUESDAY + HOUR / 2) -> attendance.Noted:
    return await attendance.note(session, plan_set="metal", now=now)


async def noted(session: AsyncSession) -> list[dict[str, Any]]:
    return await rows(session, "survey_attendance")


async def test_who_attended_is_noted_once_and_who_stayed_away_never(session: AsyncSession) -> None:
    event = await held(session)
    there, away, booked = [await factories.member(session) for _ in range(3)]
    booking = await attended(session, there.id, event)
    await attended(session, away.id, event, state="absent")
    await attended(session, booked.id, event, state="booked")
    assert await note(session) == (1, 0)
    assert await note(session, TUESDAY + HOUR) == (0, 0)
    [one] = await noted(session)
    assert (one["member_id"], one["touchpoint"], one["occasion"]) == (there.id, "T4", f"booking:{booking}")
    assert (one["branch_id"], one["series_key"], one["event_key"]) == (None, str(event), str(event))
    assert (one["ended_at"], one["compulsory"]) == (TUESDAY, False)


async def test_a_correction_before_anybody_asked_is_heeded(session: AsyncSession) -> None:
    member = await factories.member(session)
    await attended(session, member.id, await held(session))
    await note(session)
    await session.execute(update(Booking).values(state="absent", changed_at=TUESDAY + HOUR))
    assert await note(session, TUESDAY + HOUR) == (0, 1)
    assert await invitations.due(session, now=NOON) == []
    assert [row["reason"] for row in await noted(session)] == ["not_there"]


async def test_who_was_there_after_all_is_asked_or_has_a_reason(session: AsyncSession) -> None:
    """Marked present, absent and present again: in time for an invitation, and too late for one."""
    quick, slow = [await factories.member(session) for _ in range(2)]
    event = await held(session)
    for member in (quick, slow):
        await attended(session, member.id, event)
    await note(session)
    await session.execute(update(Booking).values(state="absent", changed_at=TUESDAY + HOUR))
    assert await note(session, TUESDAY + HOUR) == (0, 2)
    back = update(Booking).values(state="attended")
    await session.execute(back.where(Booking.member_id == quick.id).values(changed_at=TUESDAY + 2 * HOUR))
    assert await note(session, TUESDAY + 2 * HOUR) == (1, 0)
    assert await note(session, TUESDAY + 2 * HOUR) == (0, 0)
    assert await invitations.due(session, now=NOON) == [quick.id]
    await invitations.invite(session, {quick.id: Known(None, None)}, now=NOON)
    await session.execute(back.where(Booking.member_id == slow.id).values(changed_at=TUESDAY + 3 * DAY))
    assert await note(session, TUESDAY + 3 * DAY) == (1, 0)
    assert await invitations.due(session, now=NOON + 3 * DAY) == [slow.id]
    await invitations.invite(session, {slow.id: Known(None, None)}, now=NOON + 3 * DAY)
    assert {row["member_id"]: (row["state"], row["reason"]) for row in await noted(session)} == {
        quick.id: ("invited", None),
        slow.id: ("skipped", "too_late"),
    }


async def test_nothing_is_lost_between_two_readings(session: AsyncSession) -> None:
    """Registered before the last reading, but committed after it; and after an outage of a month."""
    event = await held(session)
    await note(session, TUESDAY + 2 * HOUR)
    await attended(session, (await factories.member(session)).id, event, at=TUESDAY + HOUR)
    assert await note(session, TUESDAY + 3 * HOUR) == (1, 0)
    await attended(session, (await factories.member(session)).id, event, at=TUESDAY + DAY)
    assert await note(session, TUESDAY + 30 * DAY) == (1, 0)
    assert await note(session, TUESDAY + 30 * DAY) == (0, 0)


async def test_talks_are_placed_with_their_adviser_and_are_compulsory(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser = await factories.staff(session, branch_id=branch.id)
    member = await factories.member(session, branch_id=branch.id)
    talk = {"kind": "talk", "capacity": 1, "staff_id": adviser.id, "branch_id": branch.id}
    event = await held(session, activity="cv_job", **talk)
    await attended(session, member.id, event)
    await attended(session, member.id, await held(session, activity="something else", **talk))
    await note(session)
    [one] = await noted(session)
    assert (one["touchpoint"], one["compulsory"], one["branch_id"]) == ("T1", True, branch.id)
    assert (one["series_key"], one["event_key"]) == (str(adviser.id), str(adviser.id))


async def test_a_called_in_talk_that_was_held_is_an_availability_talk(session: AsyncSession) -> None:
    """Held on its day, and held later; not one that was missed. Who closed the minutes held it; no word of why."""
    on_time, later, missed, corrected = [await factories.member(session) for _ in range(4)]
    adviser = await factories.staff(session)
    day = TUESDAY.date()
    cases = {
        one.id: await called_in(session, one.id, adviser.id, talk_at=TUESDAY - HOUR, **values)
        for one, values in (
            (on_time, {"state": "held", "held_on": day, "ended_at": TUESDAY}),
            (later, {"state": "held", "held_on": day + DAY, "ended_at": TUESDAY + 3 * DAY}),
            (missed, {"state": "no_show", "ended_at": TUESDAY}),
            (corrected, {"state": "no_show", "ended_at": TUESDAY}),
        )
    }
    await rating(session, on_time.id, colour="red", rated_at=TUESDAY - DAY)
    assert await note(session, TUESDAY + HOUR) == (1, 0)
    held_after_all = update(CallIn).where(CallIn.id == cases[corrected.id])
    await session.execute(held_after_all.values(state="held", held_on=day, ended_at=TUESDAY + 2 * HOUR))
    assert await note(session, TUESDAY + 4 * DAY) == (2, 0)
    assert await note(session, TUESDAY + 4 * DAY) == (0, 0)
    found = {row["member_id"]: row for row in await noted(session)}
    assert found.keys() == {on_time.id, later.id, corrected.id}
    one = found[on_time.id]
    assert (one["touchpoint"], one["compulsory"], one["series"]) == ("T2", True, "single")
    assert (one["series_key"], one["event_key"], one["branch_id"]) == (
        str(adviser.id),
        str(adviser.id),
        on_time.branch_id,
    )
    assert (one["occasion"], one["ended_at"]) == (f"talk:{cases[on_time.id]}", TUESDAY)
    assert found[later.id]["ended_at"] == datetime.combine(day + DAY, time(16), COPENHAGEN)


async def test_the_sixth_touchpoint_may_be_a_service_call(session: AsyncSession) -> None:
    """Where its survey says so: one that reached the member, and the joint talk then no longer."""
    reached, missed, joint = [await factories.member(session) for _ in range(3)]
    adviser = await factories.staff(session)
    for member, result in ((reached, "reached"), (missed, "no_answer")):
        made, at = await call(session, member.id), TUESDAY + HOUR / 2
        session.add(CallAttempt(id=new_id(), call_id=made, at=at, staff_id=adviser.id, result=result))
    done = update(ServiceCall).values(state="done", outcome="agreed_plan", ended_at=TUESDAY + HOUR)
    await session.execute(done)
    first = {"activity": "joint_1", "kind": "joint_talk", "capacity": 4, "own_minutes": 15}
    await attended(session, joint.id, await held(session, **first))
    sixth = next(one for one in catalogue.standard().survey if one.key == "T6")
    after = msgspec.structs.replace(sixth, version=2, valid_from=TUESDAY.date(), after="service_call")
    await catalogue.publish(session, (), (after,))
    assert await note(session, TUESDAY + 2 * HOUR) == (1, 0)
    assert await note(session, TUESDAY + 2 * HOUR) == (0, 0)
    [row] = await noted(session)
    assert (row["member_id"], row["touchpoint"], row["ended_at"]) == (reached.id, "T6", TUESDAY + HOUR / 2)
    assert (row["event_key"], row["branch_id"]) == (str(adviser.id), reached.branch_id)
    touchpoint = touchpoints.asked_after("metal", {})
    assert (touchpoint["joint_1"], touchpoints.SERVICE_CALL in touchpoint) == ("T6", False)


async def test_first_middle_and_last_of_a_series_of_talks(session: AsyncSession) -> None:
    member, adviser = await factories.member(session), await factories.staff(session)
    talk = {"kind": "talk", "capacity": 1, "staff_id": adviser.id, "activity": "my_way"}
    days = [TUESDAY + n * 7 * DAY for n in range(3)]
    bookings = [
        await attended(session, member.id, await held(session, ends_at=day, **talk), at=day, state="booked")
        for day in days
    ]
    for booking, day in zip(bookings, days, strict=True):
        await session.execute(update(Booking).where(Booking.id == booking).values(state="attended"))
        await note(session, day + HOUR)
    assert [(row["touchpoint"], row["series"]) for row in await noted(session)] == [
        ("T3", "first"),
        ("T3", "middle"),
        ("T3", "last"),
    ]


async def test_an_organisers_choice_goes_before_the_usual_survey(session: AsyncSession) -> None:
    organiser = await factories.staff(session, role="organiser")
    draft = DraftSurvey(da="cafeen", en="the café", questions=[Draft(kind="number", da="Hvor?", en="How?")])
    key = await own.create(session, draft, organiser.id, now=TUESDAY - DAY)
    event, other = await held(session, activity="open café"), await held(session)
    await choices.choose(session, str(event), key, organiser.id, now=TUESDAY)
    for one in (event, other):
        await attended(session, (await factories.member(session)).id, one)
    await note(session)
    assert sorted(row["touchpoint"] for row in await noted(session)) == ["T4", key]
    await choices.choose(session, str(event), None, organiser.id, now=TUESDAY)
    assert await choices.chosen(session, [str(event)]) == {}


async def test_an_occasion_is_asked_about_with_one_survey(session: AsyncSession) -> None:
    """Chosen after somebody was asked, another survey is for the next time; before, it is the one."""
    organiser, event = await factories.staff(session, role="organiser"), await held(session)
    early, late = [await factories.member(session) for _ in range(2)]
    await attended(session, early.id, event)
    await note(session)
    await invitations.invite(session, {early.id: Known()}, now=NOON)
    await attended(session, late.id, event)
    await note(session)
    await choices.choose(session, str(event), "T5", organiser.id, now=NOON)
    assert await note(session, NOON) == (1, 0)
    assert await note(session, NOON) == (0, 0)
    known = {row["member_id"]: row["touchpoint"] for row in await noted(session)}
    assert (known, len(await noted(session))) == ({early.id: "T4", late.id: "T5"}, 2)


async def test_the_colour_of_the_time_is_kept_where_a_survey_is_split_by_it(session: AsyncSession) -> None:
    await session.execute(text("UPDATE survey SET split_by_colour = true WHERE key = 'T4'"))
    member = await factories.member(session)
    await rating(session, member.id, colour="yellow", rated_at=TUESDAY - DAY)
    await rating(session, member.id, colour="green", rated_at=TUESDAY + HOUR, mode="event")
    await attended(session, member.id, await held(session))
    await note(session)
    assert [row["colour"] for row in await noted(session)] == ["yellow"]


async def test_sensitive_moments_are_known_as_instants_and_nothing_more(session: AsyncSession) -> None:
    red, worse, told, calm = [await factories.member(session) for _ in range(4)]
    await rating(session, red.id, colour="red", previous="yellow", rated_at=TUESDAY - HOUR)
    await rating(session, worse.id, colour="red", previous="red", rated_at=TUESDAY - HOUR)
    await session.execute(
        text(
            "INSERT INTO message (id, member_id, key, period, klass, params, cause, created_at, valid_until) "
            "SELECT gen_random_uuid(), :m, 'N30', 'x', 'L', '{}', '{}', t, t + interval '1 day' "
            "FROM CAST(:at AS timestamptz) AS t"
        ),
        {"m": told.id, "at": TUESDAY - 2 * HOUR},
    )
    everybody = [red.id, worse.id, told.id, calm.id]
    found = await known.of(session, everybody, plan_set="metal", now=TUESDAY)
    assert [found[one].sensitive_at for one in everybody] == [TUESDAY - HOUR, None, TUESDAY - 2 * HOUR, None]
    later = await known.of(session, [red.id], plan_set="metal", now=TUESDAY + timedelta(days=31))
    assert later[red.id].sensitive_at is None


async def test_a_seat_at_something_rare_ahead_is_known(session: AsyncSession) -> None:
    member = await factories.member(session)
    common = await held(session, ends_at=TUESDAY + DAY)
    rare = await held(session, ends_at=TUESDAY + 4 * DAY, activity="td_50plus", kind="theme_day")
    for event in (common, rare):
        await attended(session, member.id, event, state="booked")
    found = await known.of(session, [member.id], plan_set="metal", now=TUESDAY)
    assert found[member.id].rare_ahead_at == TUESDAY + 4 * DAY - 3 * HOUR
