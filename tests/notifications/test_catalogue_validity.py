"""Until when a message is worth sending, and what its cause must hold."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.notifications import service
from backend.notifications.catalogue import BY_ID
from backend.notifications.service import NewMessage
from tests import factories
from tests.notifications.factories import NOON, rows

PLACE = {"place": "Odense"}
# The same in every worker of a test run: it names the cases.
SOME = "01890a5d-ac96-774b-bcce-b302099a8057"


def test_a_reminder_of_a_talk_ends_when_the_talk_begins() -> None:
    soon = NOON + timedelta(hours=3)
    assert BY_ID["N05"].valid_until({"at": soon, **PLACE}, NOON) == soon


def test_far_ahead_the_validity_alone_counts() -> None:
    assert BY_ID["N05"].valid_until({"at": NOON + timedelta(days=30), **PLACE}, NOON) == NOON + timedelta(days=5)
    assert BY_ID["N01"].valid_until({}, NOON) == NOON + timedelta(days=7)


def test_a_day_counts_to_its_end_in_denmark_on_either_side_of_the_clock_change() -> None:
    sunday = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    ends = BY_ID["N03"].valid_until({"date": date(2026, 10, 25)}, sunday)
    assert ends == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    before = BY_ID["N03"].valid_until({"date": date(2026, 10, 24)}, sunday)
    assert before == datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(days=-40), max_value=timedelta(days=40)))
def test_never_past_the_talk_nor_past_the_validity(ahead: timedelta) -> None:
    kind = BY_ID["N06.changed"]
    until = kind.valid_until({"at": NOON + ahead}, NOON)
    assert until == min(NOON + ahead, NOON + kind.validity)


@pytest.mark.parametrize(
    ("key", "period", "cause"),
    [
        ("N11", "p", {"colour": "yellow"}),
        ("N12", SOME, {}),
        ("N03", "3 days", {"deadline": SOME}),
        ("N05", "p", {"booking": SOME}),
        ("N05", "p", {"call_in": SOME}),
        ("N08", "p", {"from_on": "2026-11-16", "to_on": "2026-11-22", "needed": 2}),
        ("N17", "p", {"month": "2026-11-01", "needed": 4}),
        ("N28", "p", {}),
        ("N25", "p", {}),
    ],
)
def test_a_cause_that_says_enough_is_taken(key: str, period: str, cause: dict[str, object]) -> None:
    BY_ID[key].check_cause(period, cause)


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("N11", {}),
        ("N12", {"call": "no id"}),
        ("N03", {}),
        ("N05", {}),
        ("N05", {"booking": "no id"}),
        ("N08", {"from_on": "2026-11-16", "needed": 2}),
        ("N17", {"needed": 4}),
        ("N20", {}),
    ],
)
def test_a_cause_that_says_too_little_is_refused(key: str, cause: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cause|badly formed"):
        BY_ID[key].check_cause("3 days", cause)


@pytest.mark.db
async def test_what_comes_too_late_is_not_sent_and_the_rest_is(session: AsyncSession) -> None:
    member = await factories.member(session)
    booking = {"booking": str(new_id())}
    late = NewMessage(member.id, "N05", "late", {"at": NOON, **PLACE}, booking)
    soon = NewMessage(member.id, "N05", "soon", {"at": NOON + timedelta(hours=3), **PLACE}, booking)
    assert await service.send(session, [late, soon], now=NOON) == 1
    [stored] = await rows(session, "message")
    assert (stored["period"], stored["valid_until"]) == ("soon", NOON + timedelta(hours=3))
