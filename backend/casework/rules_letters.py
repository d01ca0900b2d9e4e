"""Hearings and decisions: what each must say, who may send it, and when. Pure.

draft → sent or withdrawn. A hearing is sent by whoever has read it; a decision by a coordinator who did not write it.
"""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from backend import calendar
from backend.casework import errors_letters
from backend.casework.rules_call_ins import READING_PAUSE
from backend.clock import local_date

Kind = Literal["hearing", "decision"]
State = Literal["draft", "sent", "withdrawn"]
# About a week to answer (guidance to the order on availability, § 36), counted from the day the letter is sent; a case
# does not rest for longer than two months.
ANSWER_WORKING_DAYS = 5
LONGEST_ANSWER = timedelta(days=60)
DECISION_WORKING_DAYS = 2


class Text(NamedTuple):
    """What a person writes. `answer_by` is a hearing's; `decision`, `rules` and one of the last two are a decision's.

    `hearing_id`: the hearing that went before; `without_hearing`: why none was needed.
    """

    kind: Kind
    matter: str
    grounds: str
    decision: str = ""
    rules: str = ""
    answer_by: date | None = None
    hearing_id: UUID | None = None
    without_hearing: str = ""


class Heard(NamedTuple):
    """A hearing as a decision sees it; `answered`: the member's answer is in its file."""

    state: State
    answer_by: date
    answered: bool


class Letter(NamedTuple):
    """A letter as its sending sees it; `read_at`: when the sender first read this version today."""

    kind: Kind
    state: State
    version: int
    author_id: UUID
    answer_by: date | None
    read_at: datetime | None


def check(text: Text, today: date) -> None:
    """What a draft must say. Raises TextNeeded, AnswerByNotPossible, HearingNeeded."""
    for name in ("matter", "grounds", *(("decision", "rules") if text.kind == "decision" else ())):
        if not getattr(text, name).strip():
            raise errors_letters.TextNeeded(field=name)
    if text.kind == "hearing":
        check_answer_by(text.answer_by, today)
    elif text.hearing_id is None and not text.without_hearing.strip():
        raise errors_letters.HearingNeeded(field="withoutHearing")


def check_answer_by(answer_by: date | None, today: date) -> None:
    """Raises AnswerByNotPossible."""
    first = calendar.add_working_days(today, ANSWER_WORKING_DAYS)
    if answer_by is None or not first <= answer_by <= today + LONGEST_ANSWER or not calendar.is_working_day(answer_by):
        raise errors_letters.AnswerByNotPossible(field="answerBy", days=ANSWER_WORKING_DAYS)


def check_heard(hearing: Heard | None, today: date) -> None:
    """Nobody decides before the member could answer. Raises HearingNeeded, HearingRuns."""
    if hearing is None or hearing.state != "sent":
        raise errors_letters.HearingNeeded(field="hearingId")
    if not hearing.answered and today <= hearing.answer_by:
        raise errors_letters.HearingRuns(field="hearingId", day=hearing.answer_by)


def may_send(kind: Kind, author_id: UUID, staff_id: UUID, *, coordinator: bool) -> bool:
    return kind == "hearing" or (coordinator and author_id != staff_id)


def send(
    letter: Letter, staff_id: UUID, version: int, now: datetime, *, coordinator: bool, pause: timedelta = READING_PAUSE
) -> None:
    """Only what was read, by whom it may be. Raises LetterEnded, SecondPersonNeeded, LetterChanged, LetterUnread, …"""
    must_be_draft(letter.state)
    if not may_send(letter.kind, letter.author_id, staff_id, coordinator=coordinator):
        raise errors_letters.SecondPersonNeeded
    if version != letter.version:
        raise errors_letters.LetterChanged
    if letter.kind == "hearing":
        check_answer_by(letter.answer_by, local_date(now))
    if letter.read_at is None:
        raise errors_letters.LetterUnread
    if now < letter.read_at + pause:
        raise errors_letters.ReadLetterFirst(seconds=int(pause.total_seconds()))


def must_be_draft(state: State) -> None:
    if state != "draft":
        raise errors_letters.LetterEnded
