"""What the rating is given and what it gives back: plain frozen values, no rule in them."""

from collections.abc import Hashable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import msgspec

Colour = Literal["none", "green", "yellow", "red", "paused"]
Mode = Literal["weekly", "event"]
Quantity = int | Fraction

FULLY_EXEMPTING = frozenset({
    "ferie", "sygdom", "barsel", "mindre_intensiv_indsats", "jobrettet_uddannelse_6_uger",
    "afmeldt", "fuldtidsarbejde", "arbejdsfordeling", "joblog_fritaget",
})  # fmt: skip


def duplicate_key(employer: str | None, title: str | None) -> tuple[str, str] | None:
    """What makes two entries the same application: trimmed, case-folded; None (never the same) without an employer."""
    name = (employer or "").strip().casefold()
    return (name, (title or "").strip().casefold()) if name else None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One job log entry. `logged_on` is the Danish date of the server's time, `doc` whether an application is attached.

    `id` only names the entry in explanations; the ids of one member must be comparable with each other.
    """

    applied_on: date
    logged_on: date
    duplicate_key: Hashable = None
    status: str = "applied"
    channel: str = "posted"
    hours: str = "full"
    country: str = "DK"
    doc: bool = False
    deleted: bool = False
    id: Any = None


class Exemption(msgspec.Struct, frozen=True, gc=False):
    """Both days included; no `last` means open."""

    type: str
    first: date
    last: date | None = None


class Override(msgspec.Struct, frozen=True, gc=False):
    """A caseworker's colour, up to and including `until`."""

    colour: Colour
    until: date


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rule reads about one member, as known today.

    `entries` must reach back to `start` (what counts decides which later entries repeat it), in any order. `exemptions`
    keep the order in which they were given. `calls` are the days of completed service calls. The requirement is the one
    valid today; `reset_on` is the day of the last held call-in talk.
    """

    start: date
    insurance: Literal["full", "part"] = "full"
    min_per_week: Quantity
    min_posted_per_week: Quantity = 0
    uploads_per_month: Quantity = 0
    previous: Colour = "none"
    reset_on: date | None = None
    entries: Sequence[Entry] = ()
    exemptions: Sequence[Exemption] = ()
    calls: Sequence[date] = ()
    override: Override | None = None


class Week(msgspec.Struct, frozen=True, gc=False):
    """A week of the window: due days on or after the effective first day, whether it is a due week, what counted."""

    monday: date
    due_days: int
    is_due_week: bool
    counted: int


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """An entry that did not count. Reasons: deleted, future, before_start, status, part_time, country, duplicate."""

    id: Any
    applied_on: date
    reason: str


class Figures(msgspec.Struct, frozen=True):
    """The figures behind a rating: enough to explain it without computing anything again."""

    today: date
    mode: Mode
    window_first: date
    window_last: date
    effective_first: date
    weeks: tuple[Week, ...]
    counted_this_week: int
    posted_counted: int
    posted_required: int
    uploads_counted: int
    uploads_required: int
    uploads_in_force: bool
    month_first: date
    month_last: date
    skipped: tuple[Skipped, ...]
    exempt: tuple[Exemption, ...]
    holidays: tuple[date, ...]
    spell_due_days: int
    reset_on: date | None
    latest_call: date | None
    first_call: date | None
    override_until: date | None


class Result(msgspec.Struct, frozen=True):
    """A rating. `reasons` are sorted; `actions` stand in the rule's order; `ratio` is None if nothing is required."""

    colour: Colour
    previous: Colour
    counted: int
    required: int
    due_days: int
    trailing_zero_weeks: int
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    ratio: float | None
    figures: Figures
