"""What in a free text should not be read by others: names, phone numbers, e-mail addresses, CPR-like numbers. Pure.

Proposals only: a person confirms each text. A proposal says where, not what, so it holds nothing personal itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Why = Literal["cpr", "email", "phone", "name"]
MASK = {"cpr": "[cpr]", "email": "[e-mail]", "phone": "[tlf]", "name": "[navn]"}

EMAIL = re.compile(r"[\w.+-]+\s?(?:@|[(\[]at[)\]])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
# What people write between digits: spaces, dots, strokes and dashes of all widths.
GAP = r"[\s./\-\u2010-\u2015]"
# Six digits of a date and four more, as people write them; the date need not be real.
CPR = re.compile(rf"(?<!\d)[0-3]\d{GAP}?[01]\d{GAP}?\d\d{GAP}{{0,3}}\d{{4}}(?!\d)")
# Eight digits in any grouping, with or without the country's code; or another country's number.
PHONE = re.compile(
    rf"(?<!\d)(?:\(?(?:\+|00)45\)?{GAP}{{0,2}})?\d(?:{GAP}{{0,2}}\d){{7}}(?!\d)"
    rf"|(?<!\d)(?:\+|00)[1-9](?:{GAP}?\d){{6,13}}(?!\d)"
)
SHORTEST_NAME = 2
NOTHING = re.compile(r"(?!)")
SPELT = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae", "é": "e", "è": "e", "ü": "u", "ö": "o", "ä": "a"})


class Span(NamedTuple):
    """Characters from `start` up to but not including `end`."""

    start: int
    end: int
    why: Why


def propose(text: str, names: Iterable[str] = (), others: re.Pattern[str] | None = None) -> list[Span]:
    """What to redact, in order and without overlap. `names`: the member's; `others`: a `finder` of more.

    Beside these the common first names of the country, with the surname that follows.
    """
    found = [*_matches(EMAIL, text, "email"), *_matches(CPR, text, "cpr"), *_matches(PHONE, text, "phone")]
    patterns = (finder(names), others or NOTHING, _common())
    return _apart([*found, *(span for pattern in patterns for span in _matches(pattern, text, "name"))])


def redact(text: str, spans: Sequence[Span]) -> str:
    """The text with the spans replaced by what they were."""
    parts, at = [], 0
    for span in _apart(spans):
        parts += [text[at : span.start], MASK[span.why]]
        at = span.end
    return "".join([*parts, text[at:]])


def _matches(pattern: re.Pattern[str], text: str, why: Why) -> Iterator[Span]:
    return (Span(match.start(), match.end(), why) for match in pattern.finditer(text))


def finder(names: Iterable[str]) -> re.Pattern[str]:
    """Finds each part of these names: whole words only, whatever the case, genitive or not, spelt with å or aa.

    Names that are ordinary words as well (per, sten) only where they are written as names.
    """
    parts = {part.lower() for name in names for part in _parts(name) if len(part) >= SHORTEST_NAME}
    parts |= {part.translate(SPELT) for part in parts}
    words = set(_listed("ordinary_names"))
    plain, ordinary = parts - words, {part.title() for part in parts & words}
    return re.compile(rf"(?<!\w)(?:(?i:{_any(plain)})|{_any(ordinary)})(?:['’]?[sS]|['’])?(?!\w)")


def _parts(name: str) -> list[str]:
    """A name in two pieces is looked for whole and in its pieces."""
    whole = re.split(r"[\s.]+", name)
    return [*whole, *(piece for part in whole for piece in part.split("-"))]


@cache
def _common() -> re.Pattern[str]:
    """First names as they are written, and what is written like a surname behind them."""
    names = _listed("first_names")
    both = {*names, *(name.upper() for name in names)}
    return re.compile(rf"(?<!\w)(?:{_any(both)})(?:['’]?s)?(?:[ -][A-ZÆØÅ][\w’'-]+){{0,2}}(?!\w)")


@cache
def _listed(name: str) -> Sequence[str]:
    return files("backend.surveys").joinpath(f"data/{name}.txt").read_text(encoding="utf-8").split()


def _any(words: Iterable[str]) -> str:
    """One of these, the longest first; with none, nothing."""
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word))) or r"(?!)"


def _apart(spans: Iterable[Span]) -> list[Span]:
    """In order, the longer of two that overlap."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept)
