"""The catalogue is whole, each message shows in both languages, fits a lock screen, and tells a passer-by nothing."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from backend import i18n
from backend.i18n import LANGUAGES
from backend.jobs import still_true
from backend.notifications import catalogue, gsm, rendering, rendering_words
from backend.notifications.catalogue import BY_ID, CATALOGUE, MessageType
from backend.notifications.catalogue_broadcasts import BROADCASTS
from backend.notifications.categories import BY_KEY
from backend.notifications.message_type import GIVEN, IMPORTANT_BODY, IMPORTANT_TITLE, Subject
from backend.notifications.rendering import Texts

FUND = "Metal A-kasse"
# The longest name that a Danish fund bears in full, and a phone number with its country.
LONGEST_FUND = "Socialpædagogernes Landsdækkende Arbejdsløshedskasse"
PHONE = "13 10 20 30"
every = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.id)
in_both = pytest.mark.parametrize("language", LANGUAGES)

# What phones show of a title and a text: APNs clients cut a title after 40 characters and a text on a locked screen
# after 110 (Alibaba Cloud's guide to push channels); Braze and Batch count 130 to 180 for iPhones. Android shows some
# 50 of the text until it is unfolded: the title carries the message.
TITLE, BODY = 40, 110

TELLING = re.compile(
    r"grøn|gul|rød|green|yellow|red\b|sygdom|sick|dagpenge|benefit|afgør|decision|joblog|søg|search|aftale|agree",
    re.IGNORECASE,
)
COLOUR = re.compile(r"grøn|\bgul\b|\brød|green|yellow|\bred\b", re.IGNORECASE)
FIELD = re.compile(r"{(\w+)(?::(\w+))?}")

# Class and steps after the push, as the fund laid them down; paper for members exempt from digital mail.
LAID_DOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "N01": ("S", ("email",)),
    "N02": ("L", ("sms", "phone", "paper")),
    "N03": ("R", ("sms",)),
    "N04": ("L", ("sms", "email", "phone", "paper")),
    "N05": ("R", ("sms",)),
    "N06": ("S", ()),
    "N07": ("L", ("phone", "paper")),
    "N08": ("R", ()),
    "N09": ("R", ()),
    "N10": ("S", ()),
    "N11": ("S", ("sms",)),
    "N12": ("S", ("sms",)),
    "N13": ("L", ("sms", "phone", "paper")),
    "N14": ("S", ()),
    "N15": ("S", ()),
    "N16": ("R", ("sms",)),
    "N17": ("R", ()),
    "N18": ("R", ("sms",)),
    "N19": ("R", ("sms",)),
    "N20": ("R", ("sms", "email")),
    "N21": ("S", ()),
    "N22": ("S", ("sms",)),
    "N23": ("S", ()),
    "N24": ("R", ()),
    "N25": ("S", ()),
    "N26": ("S", ()),
    "N27": ("S", ("email",)),
    "N28": ("S", ()),
    "N29": ("S", ("email",)),
    "N30": ("L", ("sms", "email", "phone", "paper")),
    "N31": ("S", ()),
    "N32": ("S", ("sms",)),
}


def texts(kind: MessageType, language: str, *, fund: str = FUND, example: Mapping[str, object] | None = None) -> Texts:
    return rendering.render(kind, language, kind.example if example is None else example, fund=fund, phone=PHONE)


def a_year_of(kind: MessageType) -> list[dict[str, object]]:
    """The example on every weekday of every month: names of days and months differ in length."""
    days = [timedelta(days=n) for n in range(0, 364, 5)]
    return [
        {name: value + step if isinstance(value, date) else value for name, value in kind.example.items()}
        for step in days
    ]


def test_the_catalogue_holds_exactly_what_was_laid_down() -> None:
    assert len(BY_ID) == len(CATALOGUE) + len(BROADCASTS)
    assert {kind.id.split(".")[0] for kind in CATALOGUE} == set(LAID_DOWN)
    assert set(LAID_DOWN) <= set(BY_ID)
    assert {key: (BY_ID[key].klass, BY_ID[key].ladder) for key in LAID_DOWN} == LAID_DOWN


def test_variants_are_of_the_class_of_their_number() -> None:
    assert {kind.id for kind in CATALOGUE if kind.klass != LAID_DOWN[kind.id.split(".")[0]][0]} == set()


def test_who_is_told_at_once_and_what_rings_outside_the_common_hours() -> None:
    assert {kind.id: kind.at_once for kind in CATALOGUE if kind.at_once} == {
        "N04": ("sms", "email"),
        "N07": ("phone",),
        "N30": ("sms", "email"),
    }
    assert all(set(kind.at_once) <= set(kind.ladder) for kind in CATALOGUE)
    assert {kind.id: kind.instead for kind in CATALOGUE if kind.instead} == {"N26": ("email",)}
    assert {kind.id: kind.hours for kind in CATALOGUE if kind.hours != "office"} == {
        "N06.cancelled": "same_day",
        "N06.changed": "same_day",
        "N24": "own",
        "N26": "daytime",
    }
    assert {kind.id for kind in CATALOGUE if not kind.capped} == {"N05", "N06.cancelled", "N06.changed"}
    assert {kind.id for kind in CATALOGUE if kind.smiley} == {"N10", "N11", "N14"}


@every
def test_a_kind_says_what_brings_it_and_what_it_is_about(kind: MessageType) -> None:
    assert kind.trigger.endswith(".")
    assert kind.category in BY_KEY
    assert kind.example.keys() == kind.params.keys()
    assert catalogue.decode(kind, catalogue.encode(kind, kind.example)) == kind.example
    assert kind.ends_with is None or issubclass(kind.params[kind.ends_with], date)


@every
@in_both
def test_texts_ask_for_nothing_that_is_not_given(kind: MessageType, language: str) -> None:
    for msgid in (kind.title, kind.body, kind.lock_title, kind.lock_body):
        for name, form in FIELD.findall(i18n.translate(language, msgid)):
            assert name in (*kind.params, *GIVEN)
            assert not form or (form in i18n.FORMS and issubclass(kind.params[name], date))
    assert "{phone}" not in kind.lock_title + kind.lock_body


@every
@in_both
def test_the_example_shows(kind: MessageType, language: str) -> None:
    shown = texts(kind, language)
    assert "{" not in "".join((shown.title, shown.body, shown.sms, shown.email_subject, shown.email_text))
    for name, value in kind.example.items():
        assert name in kind.title + kind.body
        if isinstance(value, str | int):
            assert str(value) in shown.title + shown.body


@every
@in_both
def test_there_is_always_somebody_to_call(kind: MessageType, language: str) -> None:
    shown = texts(kind, language)
    assert all(PHONE in one for one in (shown.body, shown.sms, shown.email_text))
    assert FUND in shown.sms
    assert shown.sms.count(FUND) == 1


@every
@in_both
def test_it_fits_a_lock_screen_whatever_the_day_and_the_fund(kind: MessageType, language: str) -> None:
    for example in a_year_of(kind):
        shown = texts(kind, language, fund=LONGEST_FUND, example=example)
        assert 0 < len(shown.lock_title) <= TITLE
        assert 0 < len(shown.lock_body) <= BODY
        assert len(shown.title) <= 60
        assert len(shown.body) <= 180


@every
@in_both
def test_an_sms_is_one_segment_and_two_at_most(kind: MessageType, language: str) -> None:
    for example in a_year_of(kind):
        assert gsm.segments(texts(kind, language, example=example).sms) == 1
        longest = texts(kind, language, fund=LONGEST_FUND, example=example).sms
        assert gsm.outside(longest) == set()
        assert gsm.segments(longest) <= 2


@every
@in_both
def test_what_leaves_the_house_tells_a_passer_by_nothing(kind: MessageType, language: str) -> None:
    shown = texts(kind, language)
    outside = " ".join((shown.lock_title, shown.lock_body, shown.sms, shown.email_subject, shown.email_text))
    assert not TELLING.search(outside)
    assert not any(str(value) in outside for value in kind.example.values() if isinstance(value, str))


def test_only_a_talk_shows_its_time_on_a_locked_phone() -> None:
    assert {kind.id for kind in CATALOGUE if FIELD.search(kind.lock_title)} == {"N05"}
    assert texts(BY_ID["N05"], "da").lock_title == "Samtale onsdag kl. 14.30"
    assert texts(BY_ID["N05"], "en").lock_title == "Talk Wednesday at 14:30"


def test_whatever_is_about_status_or_benefit_shows_the_generic_text() -> None:
    private = {"rating", "call", "job_log", "benefit", "absence", "jobs", "answer", "task", "survey"}
    for kind in CATALOGUE:
        if kind.category in private:
            assert (kind.lock_title, kind.lock_body) == (catalogue.GENERIC_TITLE, catalogue.GENERIC_BODY)


def test_legal_notices_are_announced_alike_and_reach_paper() -> None:
    for kind in CATALOGUE:
        assert (kind.klass == "L") == (kind.category == "important")
        if kind.klass == "L":
            assert (kind.lock_title, kind.lock_body) == (IMPORTANT_TITLE, IMPORTANT_BODY)
            assert {"phone", "paper"} <= set(kind.ladder)
            assert kind.ends_with is None, "a notice that comes late is no smaller a notice"


@every
@in_both
def test_titles_name_no_colour(kind: MessageType, language: str) -> None:
    assert not COLOUR.search(texts(kind, language).title)


def test_messages_about_the_rating_hold_for_two_weeks_and_while_the_colour_does() -> None:
    about = {kind.id: kind for kind in CATALOGUE if kind.holds_while == "colour"}
    assert set(about) == {"N10", "N11", "N14", "N15"}
    assert {kind.validity for kind in about.values()} == {timedelta(days=14)}


@every
def test_every_message_lapses_within_what_the_provider_keeps(kind: MessageType) -> None:
    assert timedelta(hours=1) <= kind.validity <= timedelta(weeks=4)


def test_every_subject_has_a_message_and_words() -> None:
    subjects = set(get_args(Subject))
    assert subjects == {kind.holds_while for kind in (*CATALOGUE, *BROADCASTS) if kind.holds_while}
    assert subjects == set(rendering_words.HOLDS)


def test_what_is_sent_anywhere_is_checked_before_it_goes_out() -> None:
    """A kind whose subject has no rule would be sent although no longer true; nothing may name its key till then."""
    unchecked = [kind.id for kind in CATALOGUE if kind.holds_while and kind.holds_while not in still_true.RULES]
    backend = Path(i18n.__file__).parent
    code = [f.read_text(encoding="utf-8") for f in backend.rglob("*.py") if f.parent != backend / "notifications"]
    assert any('"N11"' in text for text in code), "no key was found, so the search is broken"
    assert [key for key in unchecked if any(f'"{key}"' in text for text in code)] == []


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
    values = catalogue.decode(kind, stored)
    assert values == params
    assert rendering.in_app(kind, "da", values, fund=FUND, phone=PHONE) == ("5. november", "3. november kl. 14.30")
