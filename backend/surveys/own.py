"""Organisers' own surveys: made of their own questions, looked at before they are asked, changed by new versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar, clock
from backend.errors import Invalid, NotFound
from backend.i18n import N_
from backend.surveys import catalogue, forms
from backend.surveys.catalogue import NewQuestion, NewSurvey
from backend.surveys.forms import Question, Shown
from backend.surveys.policy import STANDARD
from backend.surveys.scales import Kind

PREFIX = "own-"
# Of more than three counted questions each member is asked three, in turns.
MOST_COUNTED, MOST_TEXTS, MOST_OPTIONS = 9, 1, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A question as an organiser writes it. `options` are its choices in order, as (Danish, English)."""

    kind: Kind
    da: str
    en: str
    scale: str = ""
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSurvey:
    """A survey as an organiser writes it. `da` and `en` name the activity within a sentence: "your workshop"."""

    da: str
    en: str
    questions: Sequence[Draft]
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A survey that can be chosen: the newest version, and whether it came with the product."""

    key: str
    version: int
    valid_from: date
    da: str
    en: str
    own: bool


async def create(session: AsyncSession, draft: DraftSurvey, staff_id: UUID, *, now: datetime) -> str:
    """Store a new survey, which can be chosen at once; its key. Raises Invalid."""
    key = f"{PREFIX}{uuid4().hex[:12]}"
    await _publish(session, key, 1, draft, clock.local_date(now))
    await session.execute(_MADE_BY, {"key": key, "staff": staff_id})
    return key


async def revise(session: AsyncSession, key: str, draft: DraftSurvey, staff_id: UUID, *, now: datetime) -> int:
    """Another version, asked from tomorrow on; its number. What was asked before stays what it was.

    Raises NotFound unless it is an organisers' own survey, Invalid.
    """
    latest = (await session.execute(_LATEST, {"key": key})).first()
    if latest is None:
        raise NotFound
    tomorrow = clock.local_date(now) + calendar.DAY
    valid_from = max(tomorrow, latest.valid_from + calendar.DAY)
    await _publish(session, key, latest.version + 1, draft, valid_from)
    await session.execute(_MADE_BY, {"key": key, "staff": staff_id})
    return int(latest.version) + 1


async def known(session: AsyncSession) -> Sequence[Known]:
    """Every survey, those of the product first."""
    return [Known(**row) for row in (await session.execute(_KNOWN)).mappings()]


def preview(draft: DraftSurvey, language: str) -> list[Shown]:
    """All questions as members will see them; nothing is stored. Raises Invalid as storing it would."""
    check(draft)
    return [forms.shown(_question(one), language) for one in _new_questions("preview", 1, draft)]


def asked_at_once(draft: DraftSurvey) -> int:
    """Of how many counted questions each member is asked."""
    return min(STANDARD.most_questions, sum(one.kind != "text" for one in draft.questions))


def check(draft: DraftSurvey) -> None:
    """Raises Invalid."""
    texts = sum(one.kind == "text" for one in draft.questions)
    counted = len(draft.questions) - texts
    if not 1 <= counted <= MOST_COUNTED or texts > MOST_TEXTS:
        raise Invalid(N_("A survey has 1 to {n} questions to choose from, and at most one text."), n=MOST_COUNTED)
    for new in _new_questions("check", 1, draft):
        if len(new.options) > MOST_OPTIONS:
            raise Invalid(N_("A choice has at most {n} options."), field="options", n=MOST_OPTIONS)
        catalogue.check(new)


async def _publish(session: AsyncSession, key: str, version: int, draft: DraftSurvey, valid_from: date) -> None:
    check(draft)
    questions = _new_questions(key, version, draft)
    survey = NewSurvey(
        key=key,
        version=version,
        valid_from=valid_from,
        da=draft.da,
        en=draft.en,
        questions=tuple(new.key for new in questions),
        target=draft.target,
    )
    await catalogue.publish(session, questions, [survey])


def _new_questions(key: str, version: int, draft: DraftSurvey) -> list[NewQuestion]:
    """Each version has questions of its own: what is counted together must have been asked alike."""
    return [
        NewQuestion(
            key=f"{key}.{version}.{number}",
            version=1,
            kind=one.kind,
            da=one.da,
            en=one.en,
            scale=one.scale,
            options={f"o{n}": {"da": da, "en": en} for n, (da, en) in enumerate(one.options, 1)},
        )
        for number, one in enumerate(draft.questions, 1)
    ]


def _question(new: NewQuestion) -> Question:
    return Question(
        id=UUID(int=0), key=new.key, kind=new.kind, scale=new.scale, da=new.da, en=new.en, options=new.options
    )


_MADE_BY = text("UPDATE survey SET made_by = :staff WHERE key = :key AND made_by IS NULL")
_LATEST = text("""
SELECT version, valid_from FROM survey WHERE key = :key AND made_by IS NOT NULL ORDER BY version DESC LIMIT 1
""")
_KNOWN = text("""
SELECT DISTINCT ON (made_by IS NOT NULL, key) key, version, valid_from, name_da AS da, name_en AS en,
    made_by IS NOT NULL AS own
FROM survey ORDER BY made_by IS NOT NULL, key, version DESC
""")
