"""The way back: the fewest further applications and uploads that would make the colour better.

Nothing of the rule is repeated here: hypothetical entries are rated like real ones, so the promise holds.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from backend import calendar
from backend.rating.context import Context
from backend.rating.entries import counting_entries
from backend.rating.figures import Colour, Entry, Facts, Mode, Result
from backend.rating.policy_values import Policy
from backend.rating.rules import RANK, rate

WEDNESDAY = 2

When = Literal["now", "next_run"]
Obstacle = Literal["already_green", "override", "paused", "not_rated_yet", "insufficient_basis"]


class WayBack(msgspec.Struct, frozen=True):
    """What would improve the colour, or the `obstacle` for which nothing that the member logs does.

    `entries` are applications made today. `uploads` are documents for last month's applications: first attached to
    `documents` (ids of entries that counted without one), the `late_uploads` beyond those to applications of that month
    that are not logged yet. Of all these new ones at least `posted` are to advertised jobs.
    `on` is the day it takes effect; `by` the last day up to which the same still
    does, whenever it is done. `until` is the last day of a caseworker's colour.
    """

    colour: Colour
    target: Colour | None = None
    when: When | None = None
    on: date | None = None
    by: date | None = None
    entries: int = 0
    uploads: int = 0
    late_uploads: int = 0
    posted: int = 0
    documents: tuple[Any, ...] = ()
    obstacle: Obstacle | None = None
    until: date | None = None


class _Question(msgspec.Struct, frozen=True):
    """What would the rating `on` a day be, if the member did something `today`?"""

    facts: Facts
    policy: Policy
    today: date
    on: date
    mode: Mode


class _Move(msgspec.Struct, frozen=True):
    """`posted`: how many of the new applications are to advertised jobs; None for all of them."""

    entries: int
    uploads: int
    posted: int | None = None


def way_back(facts: Facts, policy: Policy, today: date) -> WayBack:
    """The smallest number of entries and uploads that improves the colour held now, today or in the next weekly run."""
    now = rate(facts, policy, today, "event")
    settled = _settled(now)
    if settled:
        return WayBack(now.colour, obstacle=settled, until=now.figures.override_until)
    for on, mode in _occasions(today):
        question = _Question(facts, policy, today, on, mode)
        move = _smallest(question)
        if move:
            return _found(question, move)
    # Where there are due days enough, some number always helps; so it is the days that are missing.
    return WayBack(now.colour, obstacle="insufficient_basis")


def next_run(today: date) -> date:
    """The day of the first weekly run after today."""
    return today + timedelta(days=(WEDNESDAY - today.weekday() - 1) % 7 + 1)


def _occasions(today: date) -> tuple[tuple[date, Mode], ...]:
    return (today, "event"), (next_run(today), "weekly")


def _settled(now: Result) -> Obstacle | None:
    if "caseworker_override" in now.reasons:
        return "override"
    if now.colour == "paused":
        return "paused"
    if now.colour == "none":
        return "not_rated_yet"
    return "already_green" if now.previous not in ("yellow", "red") else None


def _smallest(question: _Question) -> _Move | None:
    """The first helpful move: fewest in all, then fewest applications. One that does everything tells if any helps."""
    most = _most(question)
    if not _helps(question, most):
        return None
    move = next(move for move in _moves(most) if _helps(question, move))
    fewer = (replace(move, posted=posted) for posted in range(move.entries + move.uploads))
    return next((each for each in fewer if _helps(question, each)), move)


def _most(question: _Question) -> _Move:
    """More than this never helps: every figure that the rule compares has been met."""
    policy = question.policy
    result = rate(question.facts, policy, question.on, question.mode)
    figures = result.figures
    ratio = max(policy.green_enter_ratio, policy.green_stay_ratio, policy.red_ratio)
    entries = max(ceil(ratio * result.required) - result.counted, figures.posted_required - figures.posted_counted, 1)
    missing = figures.uploads_required - figures.uploads_counted
    return _Move(entries, max(missing, 0) if figures.uploads_in_force else 0)


def _moves(most: _Move) -> Iterator[_Move]:
    for total in range(most.entries + most.uploads + 1):
        for entries in range(max(total - most.uploads, 0), min(total, most.entries) + 1):
            yield _Move(entries, total - entries)


def _helps(question: _Question, move: _Move) -> bool:
    colour = _colour_after(question, move)
    return colour in RANK and RANK[colour] < RANK[question.facts.previous]


def _colour_after(question: _Question, move: _Move) -> Colour:
    return rate(_after(question, move), question.policy, question.on, question.mode).colour


def _after(question: _Question, move: _Move) -> Facts:
    """The facts once the member has done so: new applications today, documents attached, late ones logged today."""
    today, facts = question.today, question.facts
    attached = _undocumented(question, move.uploads)
    kept = [replace(entry, doc=True) if _is_in(entry, attached) else entry for entry in facts.entries]
    _, month_last = calendar.month_before(question.on)
    days = [today] * move.entries + [min(month_last, today)] * (move.uploads - len(attached))
    posted = len(days) if move.posted is None else move.posted
    new = [_new(question, day, "posted" if n < posted else "unsolicited") for n, day in enumerate(days)]
    return replace(facts, entries=(*kept, *new))


def _is_in(entry: Entry, entries: list[Entry]) -> bool:
    return any(entry is each for each in entries)


def _undocumented(question: _Question, at_most: int) -> list[Entry]:
    """Entries of the month before that count but have no document, the newest first."""
    if not at_most:
        return []
    first, last = calendar.month_before(question.on)
    counting, _ = counting_entries(Context.of(question.policy, question.today, "event"), question.facts)
    found = [entry for entry in counting if not entry.doc and first <= entry.applied_on <= last]
    found.sort(key=lambda entry: (entry.applied_on, entry.logged_on, entry.id is None, entry.id), reverse=True)
    return found[:at_most]


def _new(question: _Question, applied_on: date, channel: str) -> Entry:
    """An application that counts, with its document, like no other."""
    statuses = question.policy.counting_statuses
    status = "applied" if "applied" in statuses else min(statuses)
    return Entry(applied_on, question.today, None, status, channel, doc=True)


def _found(question: _Question, move: _Move) -> WayBack:
    documents = _undocumented(question, move.uploads)
    return WayBack(
        question.facts.previous,
        _colour_after(question, move),
        "now" if question.mode == "event" else "next_run",
        question.on,
        _still_by(question, move),
        move.entries,
        move.uploads,
        move.uploads - len(documents),
        _posted(move, len(documents)),
        tuple(entry.id for entry in documents),
    )


def _posted(move: _Move, attached: int) -> int:
    new = move.entries + move.uploads - attached
    return new if move.posted is None else min(move.posted, new)


def _still_by(question: _Question, move: _Move) -> date:
    """The last day, before the week or the run ends it, up to which doing the same improves the colour."""
    day = question.today
    last = calendar.sunday(day) if question.mode == "event" else question.on - calendar.DAY
    while day < last:
        following = day + calendar.DAY
        if following.month != day.month and move.uploads:  # another month's documents would be meant
            break
        on = following if question.mode == "event" else question.on
        if not _helps(replace(question, today=following, on=on), move):
            break
        day = following
    return day
