"""The evidence sheet of a call-in in the reader's words."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import rating_view
from backend.api.rating_view import Sentence
from backend.api.wire import Wire
from backend.casework.tables import CallIn
from backend.followup import sheet
from backend.followup.sheet import Line, Phrase
from backend.i18n import N_, text
from backend.rating import policy
from backend.rating import queries as ratings

WHY = N_("Why a call-in is proposed")
FIGURES = N_("The figures")
NOT_COUNTED = N_("What did not count")


class SheetPart(Wire):
    """A part of the sheet: member (what speaks for them), why, figures, not_counted, entries, exemptions, …

    `empty` is what to say where there are no `lines`.
    """

    code: str
    heading: str
    lines: list[Sentence]
    empty: str


async def of(session: AsyncSession, language: str, case: CallIn) -> list[SheetPart]:
    """What speaks for the member comes first, then the rating, then what it rests on."""
    member, *rest = [
        SheetPart(
            code=one.code,
            heading=text(language, one.heading),
            lines=[_sentence(language, line) for line in one.lines],
            empty=text(language, one.empty),
        )
        for one in sheet.parts(case.evidence, case.flagged_at)
    ]
    return [member, *await _rating(session, language, case), *rest]


async def _rating(session: AsyncSession, language: str, case: CallIn) -> list[SheetPart]:
    """The rating that brought the proposal, as the member reads it."""
    given = await ratings.by_id(session, case.member_id, case.rating_id) if case.rating_id else None
    if given is None:
        return []
    numbers = await policy.of_rating(session, given.policy_version)
    whole = rating_view.full(language, given, numbers, None)
    found = (
        ("why", WHY, whole.reasons),
        ("figures", FIGURES, whole.figures),
        ("not_counted", NOT_COUNTED, whole.not_counted),
    )
    return [SheetPart(code=c, heading=text(language, head), lines=lines, empty="") for c, head, lines in found if lines]


def _sentence(language: str, line: Line) -> Sentence:
    said = " ".join(_said(language, phrase) for phrase in line.phrases)
    return Sentence(code=line.code, text=said, entries=[UUID(one) for one in line.entries])


def _said(language: str, phrase: Phrase) -> str:
    words = {name: text(language, msgid) for name, msgid in phrase.words.items()}
    return text(language, phrase.msgid, **phrase.params, **words)
