"""The letter as data: everything that it says, in the reader's language, before it has a shape. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import babel.dates
import msgspec

from backend import i18n
from backend.clock import COPENHAGEN
from backend.i18n import DEFAULT, LANGUAGES
from backend.notices import templates
from backend.notices.templates import Letter

DAYS = {"da": "EEEE 'den' d. MMMM y", "en": "EEEE d MMMM y"}
TIMES = {"da": "HH.mm", "en": "HH:mm"}
LOCALES = {"da": "da_DK", "en": "en_GB"}
SOMEBODY = {"da": "en jobvejleder", "en": "an adviser"}


class Fact(msgspec.Struct, frozen=True):
    """A line that stands out: `name` is date, time, where, …"""

    name: str
    label: str
    value: str


class Section(msgspec.Struct, frozen=True):
    """A part of the letter; `piece` is the wording's id and version, `about` the demand that it meets."""

    about: str
    piece: str
    heading: str
    paragraphs: tuple[str, ...]


class Content(msgspec.Struct, frozen=True, rename="camel"):
    """A whole letter but for the fund's name, which is the paper's."""

    language: str
    heading: str
    written_on: str
    recipient: dict[str, str]
    sender: dict[str, str]
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]


class Reader(NamedTuple):
    """Who the letter is to, and the branch that writes it."""

    name: str
    member_no: str
    language: str
    branch: str
    phone: str
    email: str


def compose(letter: Letter, params: Mapping[str, object], reader: Reader, written_on: date) -> Content:
    """The letter to this reader. Raises ValueError when the params are not the letter's."""
    if params.keys() != letter.params:
        raise ValueError(f"The letter {letter.id} takes {sorted(letter.params)}, not {sorted(params)}.")
    # Members may have a language that nothing is written in; they read what the app shows them too.
    language = reader.language if reader.language in LANGUAGES else DEFAULT
    sender = {"branch": reader.branch, "phone": i18n.phone(reader.phone), "email": reader.email}
    values = _values(language, params) | sender
    return Content(
        language=language,
        heading=letter.heading.of(language),
        written_on=day(language, written_on),
        recipient={"name": reader.name, "memberNo": reader.member_no},
        sender=sender,
        facts=tuple(_fact(language, name, values) for name in letter.facts),
        sections=tuple(_section(language, name, values) for name in letter.parts),
    )


def day(language: str, value: date) -> str:
    """A day as letters write it: with its weekday and its year."""
    return babel.dates.format_date(value, DAYS[language], locale=LOCALES[language])


def clock_time(language: str, value: datetime) -> str:
    wall = value.astimezone(COPENHAGEN).replace(tzinfo=None)
    return babel.dates.format_time(wall.time(), TIMES[language], locale=LOCALES[language])


def _values(language: str, params: Mapping[str, object]) -> dict[str, str]:
    """Every value as the letter writes it."""
    found = {name: _shown(language, value) for name, value in params.items()}
    if isinstance(talk_at := params.get("talk_at"), datetime):
        found |= {"day": found["talk_at"], "time": clock_time(language, talk_at)}
    if "form" in params:
        found["where"] = templates.pieces().forms[found["form"]].of(language).format(place=found["place"])
    if "purpose" in params:
        found["purpose"] = templates.pieces().purposes[found["purpose"]].of(language)
    if "holder" in params:
        found["holder"] = found["holder"] or SOMEBODY[language]
    return found


def _shown(language: str, value: object) -> str:
    if isinstance(value, datetime):
        return day(language, value.astimezone(COPENHAGEN).date())
    return day(language, value) if isinstance(value, date) else str(value)


# Where each line that stands out takes its value from: the first of these that the letter has.
_SOURCES = {
    "date": ("day",),
    "time": ("time",),
    "where": ("where",),
    "holder": ("holder",),
    "branch": ("branch",),
    "deadline": ("book_by", "fill_by", "answer_by"),
    "decided": ("decided_on",),
}


def _fact(language: str, name: str, values: Mapping[str, str]) -> Fact:
    label = templates.pieces().facts[name].of(language)
    if name == "period":
        return Fact(name, label, f"{values['from_on']} – {values['to_on']}")
    return Fact(name, label, next(values[source] for source in _SOURCES[name] if source in values))


def _section(language: str, name: str, values: Mapping[str, str]) -> Section:
    piece = templates.piece(name)
    whole = piece.text.of(language).format(**values)
    paragraphs = tuple(line.strip() for line in whole.splitlines() if line.strip())
    return Section(piece.about, name, piece.heading.of(language).format(**values), paragraphs)
