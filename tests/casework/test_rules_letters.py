"""What a hearing and a decision must say, and who may send them when: the rules alone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from backend.casework import errors_letters
from backend.casework import rules_letters as rules
from backend.casework.rules_call_ins import READING_PAUSE
from backend.casework.rules_letters import Heard, Kind, Letter, Text

# A Wednesday, 12:00 in Denmark.
NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
AUTHOR, OTHER = UUID(int=1), UUID(int=2)
HEARING = Text("hearing", "The talk on 3 November.", "You did not come.", answer_by=date(2026, 11, 25))
DECISION = Text("decision", "The talk.", "You did not come.", "No benefit that day.", "§ 62", without_hearing="Agreed")


@pytest.mark.parametrize("fits", [HEARING, DECISION, DECISION._replace(without_hearing="", hearing_id=OTHER)])
def test_what_may_be_written(fits: Text) -> None:
    rules.check(fits, TODAY)


@pytest.mark.parametrize(("text", "refused", "field"), [
    (HEARING._replace(matter="  "), errors_letters.TextNeeded, "matter"),
    (HEARING._replace(grounds=""), errors_letters.TextNeeded, "grounds"),
    (HEARING._replace(answer_by=None), errors_letters.AnswerByNotPossible, "answerBy"),
    (HEARING._replace(answer_by=date(2026, 11, 24)), errors_letters.AnswerByNotPossible, "answerBy"),  # four days
    (HEARING._replace(answer_by=date(2026, 11, 28)), errors_letters.AnswerByNotPossible, "answerBy"),  # a Saturday
    (HEARING._replace(answer_by=date(2027, 1, 18)), errors_letters.AnswerByNotPossible, "answerBy"),
    (DECISION._replace(decision=" "), errors_letters.TextNeeded, "decision"),
    (DECISION._replace(rules=""), errors_letters.TextNeeded, "rules"),
    (DECISION._replace(without_hearing=" "), errors_letters.HearingNeeded, "withoutHearing"),
])  # fmt: skip
def test_what_may_not(text: Text, refused: type[Exception], field: str) -> None:
    with pytest.raises(refused) as found:
        rules.check(text, TODAY)
    assert found.value.field == field  # type: ignore[attr-defined]


def test_nobody_decides_before_the_member_could_answer() -> None:
    day = date(2026, 11, 25)
    rules.check_heard(Heard("sent", day, answered=True), TODAY)
    rules.check_heard(Heard("sent", day, answered=False), day + timedelta(days=1))
    with pytest.raises(errors_letters.HearingRuns):
        rules.check_heard(Heard("sent", day, answered=False), day)
    for none in (None, Heard("draft", day, answered=True), Heard("withdrawn", day, answered=True)):
        with pytest.raises(errors_letters.HearingNeeded):
            rules.check_heard(none, TODAY)


@pytest.mark.parametrize(("kind", "by", "coordinator", "may"), [
    ("hearing", AUTHOR, False, True),
    ("decision", AUTHOR, True, False),
    ("decision", OTHER, False, False),
    ("decision", OTHER, True, True),
])  # fmt: skip
def test_who_may_send(kind: Kind, by: UUID, coordinator: bool, may: bool) -> None:
    read = NOW - READING_PAUSE
    answer_by = HEARING.answer_by if kind == "hearing" else None
    letter = Letter(kind, "draft", 2, AUTHOR, answer_by, read)
    assert rules.may_send(kind, AUTHOR, by, coordinator=coordinator) == may
    if may:
        rules.send(letter, by, 2, NOW, coordinator=coordinator)
    else:
        with pytest.raises(errors_letters.SecondPersonNeeded):
            rules.send(letter, by, 2, NOW, coordinator=coordinator)


@pytest.mark.parametrize(("change", "version", "refused"), [
    ({"state": "sent"}, 2, errors_letters.LetterEnded),
    ({}, 1, errors_letters.LetterChanged),
    ({"read_at": None}, 2, errors_letters.LetterUnread),
    ({"read_at": NOW - timedelta(seconds=9)}, 2, errors_letters.ReadLetterFirst),
    ({"answer_by": date(2026, 11, 24)}, 2, errors_letters.AnswerByNotPossible),
])  # fmt: skip
def test_only_what_was_read_is_sent(change: dict[str, object], version: int, refused: type[Exception]) -> None:
    letter = Letter("hearing", "draft", 2, AUTHOR, HEARING.answer_by, NOW - READING_PAUSE)
    with pytest.raises(refused):
        rules.send(letter._replace(**change), AUTHOR, version, NOW, coordinator=False)  # type: ignore[arg-type]
