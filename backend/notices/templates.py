"""Letters as versioned data: which letter applies on a day, and the parts that it is made of.

Texts lie in texts/; what a letter said when it was written is kept with the notice, whatever becomes of them.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

TEXTS = files("backend.notices") / "texts"
Language = Literal["da", "en"]
# What a lawful notice of each letter must tell. The call-in's are those that the complaints board asks for.
DEMANDED: Mapping[str, frozenset[str]] = {
    "call_in": frozenset({"purpose", "consequence", "lawful_absence", "rebook", "interpreter", "contact", "digital"}),
    "booking_deadline": frozenset({"purpose", "consequence", "lawful_absence", "rebook", "interpreter", "contact"}),
    "no_show": frozenset({"purpose", "consequence", "lawful_absence", "rebook", "interpreter", "contact"}),
    "log_deadline": frozenset({"purpose", "consequence", "lawful_absence", "contact"}),
    "hearing": frozenset({"purpose", "grounds", "right_to_answer", "consequence", "contact"}),
    "decision": frozenset({"purpose", "decision", "grounds", "rules", "complaint", "consequence", "contact"}),
}


class Wording(msgspec.Struct, frozen=True):
    """A text in both languages."""

    da: str
    en: str

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.da


class Piece(msgspec.Struct, frozen=True):
    """A part of a letter. `about` names the demand of a lawful notice that it meets."""

    id: str
    version: int
    about: str
    heading: Wording
    text: Wording


class Letter(msgspec.Struct, frozen=True):
    """A version of a letter. `key` is the message's in the catalogue, `params` what the letter is filled with."""

    id: str
    version: int
    valid_from: date
    key: str
    heading: Wording
    params: frozenset[str]
    facts: tuple[str, ...]
    parts: tuple[str, ...]
    consequence: str


class _Pieces(msgspec.Struct, frozen=True):
    facts: dict[str, Wording]
    forms: dict[str, Wording]
    purposes: dict[str, Wording]
    piece: tuple[Piece, ...]


class _Letters(msgspec.Struct, frozen=True):
    letter: tuple[Letter, ...]


@cache
def pieces() -> _Pieces:
    return msgspec.convert(tomllib.loads((TEXTS / "pieces.toml").read_text(encoding="utf-8")), _Pieces)


@cache
def letters() -> tuple[Letter, ...]:
    """Every version of every letter."""
    found = tomllib.loads((TEXTS / "letters.toml").read_text(encoding="utf-8"))
    return msgspec.convert(found, _Letters).letter


@cache
def _by_name() -> Mapping[str, Piece]:
    return {f"{one.id}/{one.version}": one for one in pieces().piece}


def piece(name: str) -> Piece:
    """The part `id/version`. Raises KeyError."""
    return _by_name()[name]


def letter(template: str, day: date) -> Letter:
    """The version of a letter that is written on a day. Raises KeyError for a letter that there is none of."""
    known = [one for one in letters() if one.id == template and one.valid_from <= day]
    if not known:
        raise KeyError(template)
    return max(known, key=lambda one: (one.valid_from, one.version))
