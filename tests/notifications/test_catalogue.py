"""Every message can be shown in both languages, fits a lock screen, and tells a passer-by nothing."""

import re
from datetime import date, datetime, timedelta

import pytest

from backend.i18n import LANGUAGES
from backend.notifications import catalogue, inbox, pushes
from backend.notifications.catalogue import CATALOGUE, MessageType

FUND = "Metal A-kasse"
GIVEN = {"phone": "75 00 00 00", "fund": FUND}
every = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.id)
TELLING = re.compile(
    r"grøn|gul|rød|green|yellow|red\b|sygdom|sick|dagpenge|benefit|afgør|decision|joblog|søg|search|aftale|agree",
    re.IGNORECASE,
)


def shown(kind: MessageType, language: str) -> tuple[str, str]:
    return inbox.render(kind, language, catalogue.encode(kind, kind.example), **GIVEN)


def lock(kind: MessageType, language: str) -> tuple[str, str]:
    return pushes.lock_screen(kind, language, FUND, catalogue.encode(kind, kind.example))


def test_ids_are_unique() -> None:
    assert len(catalogue.BY_ID) == len(CATALOGUE)


@every
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_renders(kind: MessageType, language: str) -> None:
    title, body = shown(kind, language)
    assert title
    assert body
    assert "{" not in title + body
    for value in kind.example.values():
        if isinstance(value, str | int):
            assert str(value) in title + body


@every
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_lock_screen(kind: MessageType, language: str) -> None:
    title, body = lock(kind, language)
    assert 0 < len(title) <= 40
    assert 0 < len(body) <= 110


@every
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lock_screen_tells_a_passer_by_nothing(kind: MessageType, language: str) -> None:
    text = " ".join(lock(kind, language))
    assert not TELLING.search(text)
    assert not any(str(value) in text for value in kind.example.values())


@pytest.mark.parametrize("key", ["N10", "N11", "N12", "N14", "N15", "N28", "N29", "N31"])
def test_whatever_is_about_status_shows_the_generic_text(key: str) -> None:
    kind = catalogue.BY_ID[key]
    assert (kind.lock_title, kind.lock_body) == (catalogue.GENERIC_TITLE, catalogue.GENERIC_BODY)


@every
@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_name_no_colour(kind: MessageType, language: str) -> None:
    assert not re.search(r"grøn|\bgul\b|\brød|green|yellow|\bred\b", shown(kind, language)[0], re.IGNORECASE)


def test_messages_about_the_rating_hold_for_two_weeks_and_while_the_colour_does() -> None:
    about = {kind.id: kind for kind in CATALOGUE if kind.holds_while == "colour"}
    assert set(about) == {"N10", "N11", "N14", "N15"}
    assert {kind.validity for kind in about.values()} == {timedelta(days=14)}


@every
def test_every_message_lapses_within_what_the_provider_keeps(kind: MessageType) -> None:
    assert timedelta(hours=1) <= kind.validity <= timedelta(weeks=4)


def test_dates_survive_the_way_into_the_database() -> None:
    kind = MessageType(
        id="X",
        klass="S",
        category="x",
        title="{day}",
        body="{at}",
        validity=timedelta(days=1),
        params={"day": date, "at": datetime},
    )
    params = {"day": date(2026, 11, 5), "at": datetime.fromisoformat("2026-11-03T14:30:00+01:00")}
    stored = catalogue.encode(kind, params)
    assert stored == {"day": "2026-11-05", "at": "2026-11-03T14:30:00+01:00"}
    assert catalogue.decode(kind, stored) == params
    assert inbox.render(kind, "da", stored, **GIVEN) == ("5. november", "3. november kl. 14.30")
