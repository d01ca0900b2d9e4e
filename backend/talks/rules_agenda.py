"""A proposed agenda for a talk: at most five points, what matters most first. Pure; a person decides what to follow."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

MOST = 5


class Known(NamedTuple):
    """What is known before a talk. Weeks, uploads and cards are of the last weeks and months that are over or run."""

    wish: bool = False
    not_ready: tuple[str, ...] = ()
    absent_last_time: bool = False
    open_agreements: int = 0
    overdue_agreements: int = 0
    cards_missing: tuple[date, ...] = ()
    colour: str = "none"
    empty_weeks: int = 0
    uploads_missing: int = 0
    cv: str = "approved"
    plan_missing: tuple[str, ...] = ()
    handover_on: date | None = None


class Point(NamedTuple):
    """A point by its code, with what fills its sentence."""

    code: str
    params: dict[str, Any]


def agenda(known: Known) -> list[Point]:
    """The member's own wish comes first, then what was agreed, what benefit hangs on, the search, the plan.

    What is left of the five is for jobs to apply for, which every talk has.
    """
    points = list(_points(known))[: MOST - 1]
    return [*points, Point("jobs", {})]


def _points(known: Known) -> Iterator[Point]:
    if known.wish:
        yield Point("wish", {})
    if known.absent_last_time:
        yield Point("absence", {})
    if known.open_agreements:
        yield Point("agreements", {"n": known.open_agreements, "overdue": known.overdue_agreements})
    if known.cards_missing:
        yield Point("card", {"month": known.cards_missing[0]})
    yield from _search(known)
    if known.cv != "approved":
        yield Point(f"cv_{known.cv}", {})
    if known.not_ready:
        yield Point("prepare", {})
    if known.plan_missing:
        yield Point("plan", {})
    if known.handover_on:
        yield Point("handover", {"date": known.handover_on})


def _search(known: Known) -> Iterator[Point]:
    if known.empty_weeks:
        yield Point("log_gaps", {"n": known.empty_weeks})
    elif known.colour in ("yellow", "red"):
        yield Point("search", {})
    if known.uploads_missing:
        yield Point("uploads", {"n": known.uploads_missing})
