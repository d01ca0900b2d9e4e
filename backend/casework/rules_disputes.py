"""The dispute as a state machine: open until an adviser answers or the member withdraws it. Pure."""

from typing import Literal

from backend.casework import errors

State = Literal["open", "upheld", "dismissed", "withdrawn"]
Verdict = Literal["upheld", "dismissed"]


def answer(state: State, verdict: Verdict, text: str) -> State:
    """Either way the member gets an answer in words."""
    _must_be_open(state)
    if not text.strip():
        raise errors.AnswerNeeded(field="answer")
    return verdict


def withdraw(state: State) -> State:
    _must_be_open(state)
    return "withdrawn"


def _must_be_open(state: State) -> None:
    if state != "open":
        raise errors.DisputeAnswered
