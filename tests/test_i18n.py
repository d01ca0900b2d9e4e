"""Texts as the reader writes them."""

from datetime import UTC, date, datetime

import pytest

from backend import i18n


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "da"),
        ("", "da"),
        ("en", "en"),
        ("en-GB,da;q=0.8", "en"),
        ("da;q=0.7,en;q=0.9", "en"),
        ("fr,de", "da"),
        ("en;q=nonsense", "en"),
        ("*", "da"),
    ],
)
def test_the_reader_gets_the_language_asked_for(header: str | None, language: str) -> None:
    assert i18n.negotiate(header) == language


def test_dates_times_and_numbers_are_written_for_the_reader() -> None:
    assert i18n.shown("da", date(2026, 11, 5)) == "5. november"
    assert i18n.shown("en", date(2026, 11, 5)) == "5 November"
    assert i18n.shown("da", i18n.WithWeekday(date(2026, 11, 22))) == "søndag den 22. november"
    assert i18n.shown("en", i18n.WithWeekday(date(2026, 11, 22))) == "Sunday 22 November"
    assert i18n.shown("da", (43, 44, 46)) == "43, 44 og 46"
    assert i18n.shown("en", (45,)) == "45"
    assert i18n.shown("da", 1234.5) == "1.234,5"
    assert i18n.shown("en", 1234.5) == "1,234.5"
    summer, winter = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC)
    assert "14.00" in str(i18n.shown("da", summer))
    assert "13.00" in str(i18n.shown("da", winter))


def test_text_is_filled_in_after_translation() -> None:
    assert i18n.text("en", "{n} of {m} counted", n=6, m=8) == "6 of 8 counted"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+4514370261", "14 37 02 61"),
        ("14370261", "14 37 02 61"),
        ("+45 14 37 02 61", "14 37 02 61"),
        ("+46 8 123 456 78", "+46 8 123 456 78"),
        ("112", "112"),
        ("", ""),
    ],
)
def test_a_danish_number_is_read_in_pairs_and_any_other_stands(number: str, shown: str) -> None:
    assert i18n.phone(number) == shown
