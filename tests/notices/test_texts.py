"""The letters' texts: all that a lawful notice must tell, in both languages, with nothing left unfilled."""

import re
from datetime import date, datetime

import msgspec
import pytest

from backend.clock import COPENHAGEN
from backend.notices import compose, templates
from backend.notices.compose import Content, Reader
from backend.notices.templates import Letter
from backend.notifications import catalogue

PARAMS: dict[str, object] = {
    "talk_at": datetime(2026, 11, 23, 9, 5, tzinfo=COPENHAGEN),
    "form": "attendance",
    "place": "Vejle, room 2",
    "purpose": "availability",
    "holder": "Karen Kjær",
    "book_by": date(2026, 12, 1),
    "fill_by": date(2026, 12, 2),
    "from_on": date(2026, 10, 26),
    "to_on": date(2026, 11, 22),
    "matter": "Whether you were available for work on 3 November",
    "grounds": "You did not come to the talk.\nYou have not told us why.",
    "answer_by": date(2026, 12, 3),
    "decision": "You get no benefit for 3 November.",
    "rules": "The order on availability, § 13",
    "decided_on": date(2026, 11, 18),
}
ALL = [(letter, language) for letter in templates.letters() for language in ("da", "en")]


def reader(language: str) -> Reader:
    return Reader("Søren Østergaard", "7000001", language, "Metal Vejle", "75 00 00 00", "vejle@fund.example")


def composed(letter: Letter, language: str, **params: object) -> Content:
    given = PARAMS | params
    return compose.compose(letter, {name: given[name] for name in letter.params}, reader(language), date(2026, 11, 18))


def text(content: Content) -> str:
    return "\n".join(
        [content.heading, *(f"{fact.label}: {fact.value}" for fact in content.facts)]
        + [line for section in content.sections for line in (section.heading, *section.paragraphs)]
    )


@pytest.mark.parametrize(("letter", "language"), ALL, ids=lambda one: getattr(one, "id", one))
def test_every_letter_tells_what_the_law_demands(letter: Letter, language: str) -> None:
    content = composed(letter, language)
    told = {section.about for section in content.sections if section.paragraphs}
    assert told >= templates.DEMANDED[letter.id] | {"digital"}
    assert "75 00 00 00" in text(content), "a person can be reached"
    assert not re.search(r"[{}]", text(content))
    assert letter.consequence in {section.piece for section in content.sections}


@pytest.mark.parametrize("letter", templates.letters(), ids=lambda one: one.id)
def test_letters_belong_to_legal_notices_of_the_catalogue(letter: Letter) -> None:
    assert catalogue.BY_ID[letter.key].klass == "L"


def test_every_legal_notice_of_the_catalogue_has_a_letter() -> None:
    legal = {kind.id for kind in catalogue.CATALOGUE if kind.klass == "L"}
    assert legal == {letter.key for letter in templates.letters()}


def test_the_two_languages_say_the_same_things_and_are_not_the_same() -> None:
    for letter in templates.letters():
        da, en = composed(letter, "da"), composed(letter, "en")
        assert [one.piece for one in da.sections] == [one.piece for one in en.sections]
        assert [one.name for one in da.facts] == [one.name for one in en.facts]
        assert da.heading != en.heading


def test_the_call_in_says_when_where_how_and_with_whom() -> None:
    letter = templates.letter("call_in", date(2026, 11, 18))
    facts = {one.name: one.value for one in composed(letter, "da").facts}
    assert facts == {
        "date": "mandag den 23. november 2026",
        "time": "09.05",
        "where": "Du møder op hos os: Vejle, room 2",
        "holder": "Karen Kjær",
        "branch": "Metal Vejle",
    }
    phone = composed(letter, "en", form="phone", place="+45 20 00 00 00", holder="")
    assert {one.name: one.value for one in phone.facts} == {
        "date": "Monday 23 November 2026",
        "time": "09:05",
        "where": "We call you: +45 20 00 00 00",
        "holder": "an adviser",
        "branch": "Metal Vejle",
    }


def test_an_instant_is_written_as_the_clock_in_denmark_shows_it() -> None:
    letter = templates.letter("call_in", date(2026, 3, 1))
    summer = datetime.fromisoformat("2026-03-30T22:30:00+00:00")
    facts = {one.name: one.value for one in composed(letter, "en", talk_at=summer).facts}
    assert (facts["date"], facts["time"]) == ("Tuesday 31 March 2026", "00:30")


def test_what_people_wrote_is_kept_in_paragraphs_and_never_read_as_a_template() -> None:
    letter = templates.letter("decision", date(2026, 11, 18))
    content = composed(letter, "da", grounds="One {phone}\n\nTwo", matter="50 % {x!r}")
    by_about = {one.about: one.paragraphs for one in content.sections}
    assert by_about["grounds"] == ("One {phone}", "Two")
    assert by_about["purpose"] == ("50 % {x!r}",)
    assert "4 uger" in " ".join(by_about["complaint"])


def test_a_member_with_a_language_that_nothing_is_written_in_gets_the_danish_letter() -> None:
    letter = templates.letter("call_in", date(2026, 11, 18))
    assert text(composed(letter, "uk")) == text(composed(letter, "da"))


def test_params_that_are_not_the_letter_s_are_refused() -> None:
    letter = templates.letter("booking_deadline", date(2026, 11, 18))
    with pytest.raises(ValueError, match="book_by"):
        compose.compose(letter, {}, reader("da"), date(2026, 11, 18))


def test_the_version_of_the_day_is_the_one_that_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first = templates.letter("call_in", date(2026, 11, 18))
    newer = msgspec.structs.replace(first, version=2, valid_from=date(2027, 1, 1))
    monkeypatch.setattr(templates, "letters", lambda: (newer, first))
    assert templates.letter("call_in", date(2026, 12, 31)).version == 1
    assert templates.letter("call_in", date(2027, 1, 1)).version == 2
    with pytest.raises(KeyError):
        templates.letter("postcard", date(2027, 1, 1))


def test_nothing_blames_and_no_colour_is_named() -> None:
    for letter, language in ALL:
        words = text(composed(letter, language)).lower()
        assert not re.search(r"\b(rød|gul|grøn|red|yellow|green|skyld|fault)\b", words), (letter.id, language)
