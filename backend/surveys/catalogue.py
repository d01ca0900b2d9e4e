"""Questions, surveys and the invitation policy: versions with a day from which they apply, and which apply on a day."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import Conflict, Invalid
from backend.i18n import N_
from backend.surveys import policy as policies
from backend.surveys.forms import Form, Question
from backend.surveys.policy import STANDARD, Policy
from backend.surveys.rules import Setting
from backend.surveys.scales import Kind


class NewQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a question. `options`, for choices: {"code": {"da": …, "en": …}}."""

    key: str
    version: int
    kind: Kind
    da: str
    en: str
    scale: str = ""
    options: dict[str, dict[str, str]] = {}


class NewSurvey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a survey, naming its questions by key: the newest version of each is meant.

    `after`: the activity that it is asked after, where that is not for the course plans to say.
    """

    key: str
    version: int
    valid_from: date
    da: str
    en: str
    questions: tuple[str, ...]
    priority: int = 100
    rare: bool = False
    ends_of_series_only: bool = False
    sampling: float = 1.0
    minimum_per_quarter: int = 0
    split_by_colour: bool = False
    target: float | None = None
    after: str = ""


class Catalogue(msgspec.Struct, frozen=True):
    question: tuple[NewQuestion, ...]
    survey: tuple[NewSurvey, ...]


class InForce(NamedTuple):
    """What applies on a day: the policy with its version, and the form of each touchpoint."""

    version: int
    policy: Policy
    forms: Mapping[str, Form]

    @property
    def settings(self) -> dict[str, Setting]:
        return {key: form.setting for key, form in self.forms.items()}


@cache
def standard() -> Catalogue:
    """The touchpoints T1 to T6 with their questions, as they come with the product."""
    found = files("backend.surveys").joinpath("data/standard.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(found), Catalogue)


@cache
def _of_the_product() -> frozenset[tuple[str, str, int]]:
    found = standard()
    questions = (("question", one.key, one.version) for one in found.question)
    return frozenset([*questions, *(("survey", one.key, one.version) for one in found.survey), ("policy", "", 1)])


async def load(session: AsyncSession) -> None:
    """Store what comes with the product; what is stored already stays. Repeated it changes nothing: one statement."""
    stored = {(row.what, row.key, row.version) for row in await session.execute(_STORED)}
    if _of_the_product() <= stored:
        return
    await session.execute(_POLICY, {"numbers": json.dumps(asdict(STANDARD))})
    await publish(session, standard().question, standard().survey)


async def publish(session: AsyncSession, questions: Sequence[NewQuestion], surveys: Sequence[NewSurvey]) -> None:
    """Store new versions. Raises Conflict for a version that exists with another content, Invalid for a faulty one."""
    for question in questions:
        await _store_question(session, question)
    for survey in surveys:
        await _store_survey(session, survey)


async def in_force(session: AsyncSession, day: date) -> InForce:
    """Where nothing is stored yet, the policy that comes with the product, and no survey."""
    rows = (await session.execute(_SURVEYS_ON, {"day": day})).all()
    forms = await _forms(session, rows)
    return InForce(*await policy_on(session, day), {form.setting.touchpoint: form for form in forms})


async def during(session: AsyncSession, first: date, last: date) -> dict[str, list[Form]]:
    """The versions of each survey that applied on some day from the first to the last, the newest first."""
    rows = (await session.execute(_SURVEYS_DURING, {"first": first, "last": last})).all()
    found: dict[str, list[Form]] = {}
    for form in await _forms(session, rows):
        found.setdefault(form.setting.touchpoint, []).append(form)
    return found


async def policy_on(session: AsyncSession, day: date) -> tuple[int, Policy]:
    """The policy that applies on a day, with its version; before anything is stored that of the product."""
    row = (await session.execute(_POLICY_ON, {"day": day})).first()
    return (row.version, policies.from_mapping(row.numbers)) if row else (1, STANDARD)


async def policy_of(session: AsyncSession, version: int) -> Policy:
    """The numbers of one version."""
    return policies.from_mapping((await session.execute(_POLICY_OF, {"version": version})).scalar_one())


async def form_of(session: AsyncSession, survey_id: UUID) -> Form:
    """One version of a survey, whether or not it still applies."""
    rows = (await session.execute(_SURVEY, {"id": survey_id})).all()
    return (await _forms(session, rows))[0]


async def _store_question(session: AsyncSession, new: NewQuestion) -> None:
    check(new)
    values = msgspec.to_builtins(new) | {"id": new_id(), "options": json.dumps(new.options)}
    await session.execute(_QUESTION, values)
    stored = (await session.execute(_SAME_QUESTION, values)).scalar_one()
    if not stored:
        raise Conflict(N_("This version of the question exists with another text. Give it a new version."))


def check(new: NewQuestion) -> None:
    """Raises Invalid for a question that cannot be asked."""
    if new.kind in {"single", "multiple"} and len(new.options) < 2:
        raise Invalid(N_("A choice needs at least two options."), field="options")
    if any(words.keys() != {"da", "en"} for words in new.options.values()):
        raise Invalid(N_("An option needs its words in both languages."), field="options")
    if (new.kind == "scale") != (new.scale in {"satisfied", "agree"}):
        raise Invalid(N_("A scale question is answered by satisfaction or by agreement."), field="scale")


async def _store_survey(session: AsyncSession, new: NewSurvey) -> None:
    ids = await _newest(session, new.questions)
    values = msgspec.to_builtins(new) | {"id": new_id(), "valid_from": new.valid_from, "question_ids": ids}
    if (await session.execute(_SURVEY_NEW, values)).first() is not None:
        return
    if not (await session.execute(_SAME_SURVEY, values)).scalar_one():
        raise Conflict(N_("This version of the survey exists with another content. Give it a new version."))


async def _newest(session: AsyncSession, keys: Sequence[str]) -> list[UUID]:
    found = {row.key: row.id for row in await session.execute(_NEWEST, {"keys": list(keys)})}
    if not keys or len(set(keys)) != len(keys) or found.keys() != set(keys):
        raise Invalid(N_("A survey needs questions that exist, each once."), field="questions")
    return [found[key] for key in keys]


async def _forms(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[Form]:
    ids = [row.id for row in rows]
    questions: dict[UUID, list[Question]] = {}
    for item in (await session.execute(_ITEMS, {"ids": ids})).mappings():
        values = dict(item)
        questions.setdefault(values.pop("survey_id"), []).append(Question(**values))
    return [_form(row, questions.get(row.id, ())) for row in rows]


def _form(row: Row[Any], questions: Sequence[Question]) -> Form:
    values = dict(row._mapping)
    setting = Setting(
        touchpoint=values.pop("key"),
        **{name: values.pop(name) for name in ("priority", "rare", "sampling", "ends_of_series_only")},
    )
    return Form(survey_id=values.pop("id"), setting=setting, questions=questions, **values)


_COLUMNS = """id, key, name_da AS da, name_en AS en, priority, rare, sampling, ends_of_series_only, minimum_per_quarter,
    split_by_colour, target, after"""

_STORED = text("""
SELECT 'question' AS what, key, CAST(version AS int) AS version FROM survey_question
UNION ALL SELECT 'survey', key, CAST(version AS int) FROM survey UNION ALL SELECT 'policy', '', 1 FROM survey_policy
""")
_POLICY = text("""
INSERT INTO survey_policy (version, valid_from, numbers) VALUES (1, '2000-01-01', CAST(:numbers AS jsonb))
ON CONFLICT DO NOTHING
""")
_POLICY_ON = text("""
SELECT version, numbers FROM survey_policy WHERE valid_from <= :day ORDER BY valid_from DESC LIMIT 1
""")
_POLICY_OF = text("SELECT numbers FROM survey_policy WHERE version = :version")
_QUESTION = text("""
INSERT INTO survey_question (id, key, version, kind, scale, text_da, text_en, options)
VALUES (:id, :key, :version, :kind, :scale, :da, :en, CAST(:options AS jsonb)) ON CONFLICT DO NOTHING
""")
_SAME_QUESTION = text("""
SELECT (kind, scale, text_da, text_en, options) = (:kind, :scale, :da, :en, CAST(:options AS jsonb))
FROM survey_question WHERE key = :key AND version = :version
""")
_NEWEST = text("""
SELECT DISTINCT ON (key) key, id FROM survey_question WHERE key = ANY(:keys) ORDER BY key, version DESC
""")
_SURVEY_NEW = text("""
WITH new AS (
    INSERT INTO survey (id, key, version, valid_from, name_da, name_en, priority, rare, ends_of_series_only, sampling,
        minimum_per_quarter, split_by_colour, target, after)
    VALUES (:id, :key, :version, :valid_from, :da, :en, :priority, :rare, :ends_of_series_only, :sampling,
        :minimum_per_quarter, :split_by_colour, :target, :after)
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO survey_item (survey_id, position, question_id)
SELECT new.id, q.position, q.id FROM new, unnest(CAST(:question_ids AS uuid[])) WITH ORDINALITY AS q (id, position)
RETURNING position
""")
_SAME_SURVEY = text("""
SELECT count(*) = 1 FROM survey WHERE key = :key AND version = :version
    AND (valid_from, name_da, name_en) = (:valid_from, :da, :en)
    AND (priority, rare, ends_of_series_only, sampling) = (:priority, :rare, :ends_of_series_only, :sampling)
    AND (minimum_per_quarter, split_by_colour, after) = (:minimum_per_quarter, :split_by_colour, :after)
    AND target IS NOT DISTINCT FROM :target
    AND (SELECT array_agg(question_id ORDER BY position) FROM survey_item WHERE survey_id = survey.id)
        = CAST(:question_ids AS uuid[])
""")
_SURVEYS_ON = text(
    f"SELECT DISTINCT ON (key) {_COLUMNS} FROM survey WHERE valid_from <= :day ORDER BY key, valid_from DESC"  # noqa: S608
)
_SURVEYS_DURING = text(f"""
SELECT {_COLUMNS} FROM survey s WHERE valid_from <= :last AND NOT EXISTS (
    SELECT FROM survey n WHERE n.key = s.key AND n.valid_from > s.valid_from AND n.valid_from <= :first
) ORDER BY key, valid_from DESC
""")  # noqa: S608 - columns of ours
_SURVEY = text(f"SELECT {_COLUMNS} FROM survey WHERE id = :id")  # noqa: S608 - columns of ours
_ITEMS = text("""
SELECT i.survey_id, q.id, q.key, q.kind, q.scale, q.text_da AS da, q.text_en AS en, q.options
FROM survey_item i JOIN survey_question q ON q.id = i.question_id
WHERE i.survey_id = ANY(:ids) ORDER BY i.survey_id, i.position
""")
