"""What can be agreed and excused: bounds as pure checks. Days are inclusive."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from backend.course import errors

ExemptionType = Literal[
    "ferie", "sygdom", "barsel", "mindre_intensiv_indsats", "jobrettet_uddannelse_6_uger", "afmeldt", "fuldtidsarbejde",
    "arbejdsfordeling", "joblog_fritaget", "virksomhedspraktik", "loentilskud", "afventer_tidlig_pension",
]  # fmt: skip

MOST_PER_WEEK, MOST_UPLOADS = 20, 40
# Sickness and holiday are often written down afterwards; the rating looks back four weeks and a month.
LOOKING_BACK, LOOKING_AHEAD = timedelta(days=90), timedelta(days=365)


class Numbers(NamedTuple):
    """What the member is to do: jobs a week, how many of them posted ones, applications uploaded a month."""

    min_per_week: int
    min_posted_per_week: int
    uploads_per_month: int


def check_requirement(numbers: Numbers, valid_from: date, today: date) -> None:
    """A new agreement never reaches back: nobody is measured by what was not yet agreed."""
    if not 0 <= numbers.min_per_week <= MOST_PER_WEEK:
        raise errors.NumbersNotPossible(field="minPerWeek")
    if not 0 <= numbers.min_posted_per_week <= numbers.min_per_week:
        raise errors.NumbersNotPossible(field="minPostedPerWeek")
    if not 0 <= numbers.uploads_per_month <= MOST_UPLOADS:
        raise errors.NumbersNotPossible(field="uploadsPerMonth")
    if not today <= valid_from <= today + LOOKING_AHEAD:
        raise errors.StartNotPossible(field="validFrom")


def check_exemption(from_on: date, to_on: date | None, today: date) -> None:
    if not today - LOOKING_BACK <= from_on <= today + LOOKING_AHEAD:
        raise errors.PeriodNotPossible(field="fromOn")
    if to_on is not None and to_on < from_on:
        raise errors.PeriodNotPossible(field="toOn")


def check_end(from_on: date, to_on: date | None, new_end: date) -> None:
    """An exemption can be made shorter; a longer one is a new grant."""
    if new_end < from_on or (to_on is not None and new_end > to_on):
        raise errors.EndNotPossible(field="toOn")
