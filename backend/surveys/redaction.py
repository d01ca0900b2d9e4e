"""What in a free text should not be read by others: names, phone numbers, e-mail addresses, CPR-like numbers. Pure.

Proposals only: a person confirms each text. A proposal says where, not what, so it holds nothing personal itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

Why = Literal["cpr", "email", "phone", "name"]
MASK = {"cpr": "[cpr]", "email": "[e-mail]", "phone": "[tlf]", "name": "[navn]"}

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Six digits of a date and four more, as people write them; the date need not be real.
CPR = re.compile(r"(?<!\d)(?:[0-3]\d[01]\d\d\d)[ \-–/.]?\d{4}(?!\d)")
# Eight digits in any grouping, with or without the country's code.
PHONE = re.compile(r"(?<![\d])(?:(?:\+|00)45[ .\-]?)?\d(?:[ .\-]?\d){7}(?!\d)")
# Names that are ordinary words as well are proposed only where they are written as names.
SHORTEST_NAME = 2


class Span(NamedTuple):
    """Characters from `start` up to but not including `end`."""

    start: int
    end: int
    why: Why


def propose(text: str, names: Iterable[str] = ()) -> list[Span]:
    """What to redact, in order and without overlap. `names`: those of the member, the adviser, the branch's staff.

    Each part of a name is looked for by itself, whole words only, whatever the case, with a genitive s or not.
    """
    found = [*_matches(EMAIL, text, "email"), *_matches(CPR, text, "cpr"), *_matches(PHONE, text, "phone")]
    pattern = _names(names)
    return _apart([*found, *(_matches(pattern, text, "name") if pattern else ())])


def redact(text: str, spans: Sequence[Span]) -> str:
    """The text with the spans replaced by what they were."""
    parts, at = [], 0
    for span in _apart(spans):
        parts += [text[at : span.start], MASK[span.why]]
        at = span.end
    return "".join([*parts, text[at:]])


def _matches(pattern: re.Pattern[str], text: str, why: Why) -> Iterator[Span]:
    return (Span(match.start(), match.end(), why) for match in pattern.finditer(text))


def _names(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = {part for name in names for part in re.split(r"[\s.]+", name) if len(part) >= SHORTEST_NAME}
    if not parts:
        return None
    longest_first = sorted(map(re.escape, parts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?:'?s)?(?!\w)", re.IGNORECASE)


def _apart(spans: Iterable[Span]) -> list[Span]:
    """In order, the longer of two that overlap."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept)
