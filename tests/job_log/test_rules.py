"""The job log's pure rules."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import DomainError
from backend.job_log import errors, rules
from backend.job_log.rules import Content

TODAY = date(2026, 11, 18)


def content(**changes: Any) -> Content:
    given_: dict[str, Any] = {
        "applied_on": TODAY, "status": "applied", "channel": "posted", "hours": "full", "country": "DK",
        "postcode": "", "employer": "Aros Stål", "title": "Smed",
    }  # fmt: skip
    return Content(**(given_ | changes))


def test_texts_are_trimmed() -> None:
    assert rules.checked(content(employer=" Aros ", title="\tSmed\n"), TODAY).employer == "Aros"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"employer": " ", "title": ""}, errors.NothingNamed),
        ({"applied_on": TODAY + timedelta(days=1)}, errors.NotYet),
        ({"applied_on": TODAY + timedelta(days=1), "status": "hired"}, errors.NotYet),
        ({"applied_on": TODAY + timedelta(days=367), "status": "planned"}, errors.TooLate),
        ({"applied_on": TODAY - timedelta(days=732)}, errors.TooOld),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], error: type[DomainError]) -> None:
    with pytest.raises(error):
        rules.checked(content(**changes), TODAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"employer": ""},
        {"title": ""},
        {"applied_on": TODAY + timedelta(days=366), "status": "planned"},
        {"applied_on": TODAY - timedelta(days=731)},
    ],
)
def test_what_just_can(changes: dict[str, Any]) -> None:
    assert rules.checked(content(**changes), TODAY) == content(**changes)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("planned", "applied", "status_changed"),
        ("applied", "interview", "status_changed"),
        ("interview", "hired", "status_changed"),
        ("applied", "withdrawn", "status_changed"),
        ("rejected", "hired", "status_corrected"),
        ("interview", "applied", "status_corrected"),
        ("applied", "planned", "status_corrected"),
        ("applied", "applied", "edited"),
    ],
)
def test_a_step_against_the_usual_course_is_kept_as_a_correction(before: str, after: str, kind: str) -> None:
    assert rules.event(before, after) == kind


def test_the_difference_holds_what_changed_alone() -> None:
    after = content(applied_on=TODAY - timedelta(days=1), title="Svejser")
    assert rules.difference(content(), after) == (
        {"applied_on": "2026-11-18", "title": "Smed"},
        {"applied_on": "2026-11-17", "title": "Svejser"},
    )
    assert rules.difference(content(), content()) == ({}, {})


def test_the_key_is_the_same_on_every_machine_and_day() -> None:
    # Stored values are compared with new ones for years, so the number itself is part of the contract.
    assert rules.duplicate_key("Ørsted", "Klejnsmed") == 3751453489046573376


def test_spaces_around_and_case_do_not_matter() -> None:
    assert rules.duplicate_key(" TERMA ", "svejser (tig)") == rules.duplicate_key("Terma", " Svejser (TIG) ")


def test_without_an_employer_there_is_no_key() -> None:
    assert rules.duplicate_key("  ", "Mekaniker") is None


def test_employer_and_title_do_not_run_together() -> None:
    assert rules.duplicate_key("AB", "C") != rules.duplicate_key("A", "BC")


@given(st.text(), st.text())
def test_the_key_fits_a_signed_64_bit_column(employer: str, title: str) -> None:
    key = rules.duplicate_key(employer, title)
    assert key is None if not employer.strip().casefold() else key is not None and -(2**63) <= key < 2**63
