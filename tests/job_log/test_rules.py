"""The key by which duplicates are found."""

from hypothesis import given
from hypothesis import strategies as st

from backend.job_log.rules import duplicate_key


def test_the_key_is_the_same_on_every_machine_and_day() -> None:
    # Stored values are compared with new ones for years, so the number itself is part of the contract.
    assert duplicate_key("Ørsted", "Klejnsmed") == 3751453489046573376


def test_spaces_around_and_case_do_not_matter() -> None:
    assert duplicate_key(" TERMA ", "svejser (tig)") == duplicate_key("Terma", " Svejser (TIG) ")


def test_without_an_employer_there_is_no_key() -> None:
    assert duplicate_key("  ", "Mekaniker") is None


def test_employer_and_title_do_not_run_together() -> None:
    assert duplicate_key("AB", "C") != duplicate_key("A", "BC")


@given(st.text(), st.text())
def test_the_key_fits_a_signed_64_bit_column(employer: str, title: str) -> None:
    key = duplicate_key(employer, title)
    assert key is None if not employer.strip().casefold() else key is not None and -(2**63) <= key < 2**63
