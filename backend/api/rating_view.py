"""A rating as people read it: word and shape beside the colour, reasons and figures in sentences, the way back."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.api.wire import Wire
from backend.i18n import N_, text
from backend.rating import texts
from backend.rating.explain import Line, explain
from backend.rating.figures import Skipped
from backend.rating.policy_values import Policy
from backend.rating.queries import Given
from backend.rating.way_back import WayBack

NOTICE = N_(
    "The colour shows whether your job search matches what you agreed. It is no assessment of your availability and"
    " decides nothing about your benefit. If it is wrong, tell us."
)


class ColourView(Wire):
    """Never shown by colour alone: `word` in the reader's language, `shape` the icon's name."""

    colour: str
    word: str
    shape: str


class Sentence(Wire):
    """`code` is stable, `text` in the reader's language. `entries` are the job log entries that it is about."""

    code: str
    text: str
    entries: list[UUID]


class WayBackView(Wire):
    """The fewest further applications and uploads that would improve the colour, and from when.

    Of the new ones at least `posted` are to advertised jobs. `obstacle` names why none would.
    `on` is the day it takes effect, `by` the last day to do it.
    """

    target: ColourView | None
    entries: int
    uploads: int
    late_uploads: int
    posted: int
    documents: list[UUID]
    on: date | None
    by: date | None
    obstacle: str | None
    steps: list[Sentence]


class RatingBrief(Wire):
    """A rating in short. `changed`: it brought another colour than the one before."""

    id: UUID
    colour: ColourView
    changed: bool
    rated_at: datetime
    rated_on: date
    counted: int
    required: int
    corrected: bool


class RatingView(Wire):
    """A rating with its explanation. `rating` is null while there is none; `colour` is then "none"."""

    colour: ColourView
    notice: str
    rating: RatingBrief | None
    reasons: list[Sentence]
    figures: list[Sentence]
    not_counted: list[Sentence]
    way_back: WayBackView | None


def colour_view(language: str, colour: str) -> ColourView:
    word, shape = texts.COLOURS[colour]
    return ColourView(colour=colour, word=text(language, word), shape=shape)


def brief(language: str, given: Given) -> RatingBrief:
    result = given.result
    return RatingBrief(
        id=given.id,
        colour=colour_view(language, result.colour),
        changed=result.colour != result.previous,
        rated_at=given.rated_at,
        rated_on=given.rated_on,
        counted=result.counted,
        required=result.required,
        corrected=given.corrected_at is not None,
    )


def nothing_yet(language: str) -> RatingView:
    """What a member reads who has no rating."""
    return RatingView(
        colour=colour_view(language, "none"),
        notice=text(language, NOTICE),
        rating=None,
        reasons=[],
        figures=[],
        not_counted=[],
        way_back=None,
    )


def full(language: str, given: Given, policy: Policy, back: WayBack | None) -> RatingView:
    """The rating with all that explains it; `policy` is the one it was made with."""
    lines = explain(given.result, policy, back)
    return RatingView(
        colour=colour_view(language, given.result.colour),
        notice=text(language, NOTICE),
        rating=brief(language, given),
        reasons=_sentences(language, lines, "reason"),
        figures=_sentences(language, lines, "figure"),
        not_counted=_sentences(language, lines, "entry"),
        way_back=_back(language, back, lines) if back else None,
    )


def spoken(language: str, given: Given, policy: Policy) -> list[Sentence]:
    """The reasons as one says them to the member on the phone."""
    reasons = [line for line in explain(given.result, policy) if line.group == "reason"]
    said = [msgspec.structs.replace(line, msgid=texts.SPOKEN.get(line.code, line.msgid)) for line in reasons]
    return _sentences(language, said, "reason")


def not_counted(language: str, skipped: Skipped) -> Sentence:
    """Why the rule passes an entry over."""
    sentence = text(language, texts.SKIPPED[skipped.reason], day=skipped.applied_on)
    return Sentence(code=skipped.reason, text=sentence, entries=[_id(skipped.id)])


def _back(language: str, back: WayBack, lines: Iterable[Line]) -> WayBackView:
    return WayBackView(
        target=colour_view(language, back.target) if back.target else None,
        entries=back.entries,
        uploads=back.uploads,
        late_uploads=back.late_uploads,
        posted=back.posted,
        documents=[_id(each) for each in back.documents],
        on=back.on,
        by=back.by,
        obstacle=back.obstacle,
        steps=_sentences(language, lines, "way_back"),
    )


def _sentences(language: str, lines: Iterable[Line], group: str) -> list[Sentence]:
    return [_sentence(language, line) for line in lines if line.group == group]


def _sentence(language: str, line: Line) -> Sentence:
    params: dict[str, Any] = dict(line.params)
    return Sentence(code=line.code, text=text(language, line.msgid, **params), entries=[_id(e) for e in line.entries])


def _id(value: Any) -> UUID:
    """The rule's own facts carry ids as raw bytes, stored figures as text."""
    return UUID(bytes=value) if isinstance(value, bytes) else UUID(str(value))
