"""Talks, minutes, agreements and preparation on the wire, alike for members and staff."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backend.api.staff_view import ReasonView
from backend.api.wire import Input, Wire
from backend.course import plans
from backend.i18n import text
from backend.talks import texts
from backend.talks.preparation import Point
from backend.talks.reading import Found
from backend.talks.rules import Chair, Content, Form, NewAgreement, Owner, TalkType

Words = Annotated[str, msgspec.Meta(max_length=20000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Promise = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


class AgreementInput(Input):
    """What the member, or somebody at the fund, will do by a day; without `staffId` whoever closes the minutes."""

    owner: Owner
    what: Promise
    due_on: date
    staff_id: UUID | None = None


class MinutesInput(Input):
    """The draft as a whole: what is left out is empty. Facts, no judgement of character: the member reads it."""

    minutes: Words = ""
    held_on: date | None = None
    form: Form | None = None
    types: Annotated[list[TalkType], msgspec.Meta(max_length=4)] = []
    chair: Chair = "fund"
    agreements: Annotated[list[AgreementInput], msgspec.Meta(max_length=20)] = []

    def content(self) -> Content:
        agreed = [NewAgreement(one.owner, one.what, one.due_on, one.staff_id) for one in self.agreements]
        return Content(self.minutes, self.held_on, self.form, tuple(dict.fromkeys(self.types)), self.chair, agreed)


class AgreementView(Wire):
    """`owner` is who does it: the member, or `staffName`. `state`: open, done, dropped (and why)."""

    id: UUID
    owner: str
    staff_name: str | None
    what: str
    due_on: date
    state: str
    ended_at: datetime | None
    reason: str | None


class CorrectionView(Wire):
    at: datetime
    correction: str
    staff_name: str


class TalkView(Wire):
    """A closed talk. `types` and `form` are codes with words; a correction stands beside what it puts right."""

    id: UUID
    held_on: date
    title: str
    types: list[ReasonView]
    form: ReasonView
    chair: ReasonView
    staff_name: str
    minutes: str
    closed_at: datetime
    corrections: list[CorrectionView]
    agreements: list[AgreementView]


class PointView(Wire):
    """One thing to have ready; `approved`: the fund has looked at it, too."""

    code: str
    text: str
    ready: bool
    at: datetime | None
    approved: bool


def coded(language: str, code: str, words: Mapping[str, str]) -> ReasonView:
    return ReasonView(code=code, text=text(language, words[code]))


def point(language: str, one: Point) -> PointView:
    said = text(language, texts.POINTS[one.name])
    return PointView(code=one.name, text=said, ready=one.ready, at=one.at, approved=one.approved)


def title(language: str, set_name: str, activity: str | None, types: Sequence[str]) -> str:
    """What the talk was booked as, else the kinds that it was."""
    if activity:
        return plans.title(set_name, activity, language)
    return ", ".join(text(language, texts.TYPES[one]) for one in types)


def agreements(found: Found) -> list[AgreementView]:
    return [agreement(one) for one in found.agreements]


def agreement(row: Any, **changes: Any) -> AgreementView:
    fields: dict[str, Any] = {name: getattr(row, name, None) for name in AgreementView.__struct_fields__}
    return AgreementView(**(fields | changes))


def corrections(found: Found) -> list[CorrectionView]:
    return [
        CorrectionView(at=one.at, correction=one.correction, staff_name=one.staff_name) for one in found.corrections
    ]


def talk(language: str, set_name: str, found: Found) -> TalkView:
    row = found.talk
    return TalkView(
        id=row.id,
        held_on=row.held_on,
        title=title(language, set_name, row.activity, row.types),
        types=[coded(language, one, texts.TYPES) for one in row.types],
        form=coded(language, row.form, texts.FORMS),
        chair=coded(language, row.chair, texts.CHAIRS),
        staff_name=row.closed_by,
        minutes=row.minutes,
        closed_at=row.closed_at,
        corrections=corrections(found),
        agreements=agreements(found),
    )
