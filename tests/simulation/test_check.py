"""The checks of a simulated year find each kind of breach, and nothing in a year that keeps the rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.notifications.catalogue import BY_ID
from backend.simulation import check
from backend.simulation.facts import Member, Sent, Told, Year
from backend.simulation.phones import Received

MEMBER, PHONE = new_id(), new_id()
TUESDAY = datetime(2026, 11, 17, 10, 0, tzinfo=COPENHAGEN)
END = datetime(2026, 12, 1, tzinfo=UTC)
Days = list[tuple[str, datetime]]


def year(messages: Days, **member: object) -> tuple[Year, list[Received]]:
    """A year in which these messages (key, instant) were pushed to the one phone of the one member."""
    sent, told, received = [], [], []
    for key, at in messages:
        klass, ids = BY_ID[key].klass, (new_id(), new_id())
        until = at + timedelta(days=3)
        sent.append(Sent(ids[0], ids[1], MEMBER, PHONE, "push", "sent", None, at, key, klass, "p", at, until, None))
        told.append(Told(ids[1], MEMBER, key, klass, at, 1, True, klass == "L"))
        received.append(Received("push", ids[0], at))
    one = Member(MEMBER, False, frozenset(), None, None)
    return Year(sent, told, {MEMBER: replace(one, **member)}, {}, {}), received  # type: ignore[arg-type]


def broken(lived: Year, received: list[Received]) -> set[str]:
    return {rule for rule, found in check.breaches(lived, received, END).items() if found}


def test_a_year_that_keeps_the_rules_has_no_breach() -> None:
    assert broken(*year([("N11", TUESDAY), ("N31", TUESDAY + timedelta(hours=1))])) == set()


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([("N31", TUESDAY.replace(hour=20))], "nothing rings in quiet hours"),
        ([("N31", TUESDAY.replace(hour=7, minute=59))], "nothing rings in quiet hours"),
        ([("N31", TUESDAY + timedelta(days=4))], "nothing rings in quiet hours"),
        ([("N31", TUESDAY.replace(month=12, day=24))], "nothing rings in quiet hours"),
        ([("N31", TUESDAY + timedelta(minutes=n)) for n in range(3)], "at most two pushes a day"),
        (
            [("N31", TUESDAY + timedelta(days=n // 2 - 1, minutes=n)) for n in range(6)],
            "at most five pushes a week",
        ),
        ([("N11", TUESDAY), ("N14", TUESDAY + timedelta(days=6))], "seven days between two about the colour"),
    ],
)
def test_each_breach_is_found(messages: Days, rule: str) -> None:
    assert rule in broken(*year(messages))


def test_own_quiet_hours_and_refusals_are_kept() -> None:
    assert broken(*year([("N31", TUESDAY)], quiet_until=time(11))) == {"nothing rings in quiet hours"}
    refused = frozenset({BY_ID["N31"].category})
    assert broken(*year([("N31", TUESDAY)], refused=refused)) == {"nobody gets what they refused"}
    assert broken(*year([("N04", TUESDAY)], refused=frozenset({BY_ID["N04"].category}))) == set()
    assert broken(*year([("N31", TUESDAY)], exempt=True)) == {"nobody exempt is told digitally"}


Change = Callable[[Year], Year]


def _first(lived: Year, **values: object) -> Year:
    return replace(lived, deliveries=[replace(lived.deliveries[0], **values), *lived.deliveries[1:]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda y: _first(y, valid_until=TUESDAY - timedelta(hours=1)), "nothing arrives after its time"),
        (lambda y: _first(y, state="cancelled"), "what is recorded as sent arrived, and nothing else"),
        (lambda y: _first(y, state="due"), "every message to a phone is accounted for"),
        (lambda y: replace(y, deliveries=[]), "every message to a phone is accounted for"),
        (lambda y: replace(y, messages=[replace(y.messages[0], in_inbox=False)]), "every message is in the inbox"),
        (lambda y: replace(y, messages=[replace(y.messages[0], letter=False)]), "every legal notice has its letter"),
    ],
)
def test_each_loss_is_found(change: Change, rule: str) -> None:
    lived, received = year([("N04", TUESDAY)])
    assert rule in broken(change(lived), received)


def test_what_arrives_twice_is_found() -> None:
    lived, received = year([("N31", TUESDAY)])
    assert "each delivery arrives once" in broken(lived, received * 2)
