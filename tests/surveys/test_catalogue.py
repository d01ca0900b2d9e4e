"""Questions and surveys as versioned data."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import Conflict, Invalid
from backend.surveys import catalogue, forms, scales
from backend.surveys.catalogue import NewQuestion, NewSurvey
from backend.surveys.forms import Form, Question
from backend.surveys.policy import STANDARD
from backend.surveys.rules import Setting

DAY = date(2026, 9, 15)


def question(key: str, kind: scales.Kind = "scale", **values: object) -> Question:
    given = {"id": new_id(), "key": key, "kind": kind, "scale": "agree", "da": "da " + key, "en": "en " + key}
    return Question(**(given | values))  # type: ignore[arg-type]


def form(*questions: Question) -> Form:
    return Form(
        survey_id=new_id(),
        da="din samtale",
        en="your talk",
        setting=Setting(touchpoint="T1", priority=1),
        minimum_per_quarter=0,
        split_by_colour=False,
        target=None,
        questions=questions,
    )


def test_the_standard_touchpoints() -> None:
    found = catalogue.standard()
    assert {survey.key: survey.questions for survey in found.survey} == {
        "T1": ("Q1", "Q3", "Q4", "Q7", "TEXT"),
        "T2": ("Q1", "Q3", "Q4", "Q5", "TEXT"),
        "T3": ("Q3", "Q6", "Q8", "TEXT"),
        "T4": ("Q9", "Q10", "Q3", "TEXT"),
        "T5": ("Q9", "Q2", "Q10", "TEXT"),
        "T6": ("Q1", "Q4", "Q11", "TEXT"),
    }
    assert [q.key for q in found.question] == [*(f"Q{n}" for n in range(1, 13)), "TEXT"]
    assert all(q.da != q.en and q.da and q.en for q in found.question)


def test_at_most_three_questions_and_a_text_taking_turns() -> None:
    four = form(*(question(key) for key in "ABCD"), question("X", "text"))
    asked = ["".join(q.key for q in forms.asked(four, variant, 3)) for variant in range(3)]
    assert asked == ["ABCX", "ACDX", "ABDX"]
    assert ["".join(q.key for q in forms.asked(four, n, 9)) for n in range(2)] == ["ABCDX"] * 2
    assert [q.key for q in forms.asked(form(question("A")), 5, 3)] == ["A"]


def test_what_a_member_reads() -> None:
    options = {"a": {"da": "Ja", "en": "Yes"}, "b": {"da": "Nej", "en": "No"}}
    given = form(
        question("A"), question("B", "number"), question("C", "multiple", options=options), question("X", "text")
    )
    scale, number, choice, free = forms.preview(given, "en", variant=0, most=3)
    assert (scale.text, scale.choices[0], scale.choices[-1]) == ("en A", ("5", "Strongly agree"), ("0", "Don't know"))
    assert number.choices == tuple((str(n), str(n)) for n in range(11))
    assert choice.choices == (("a", "Yes"), ("b", "No"))
    assert (free.kind, free.choices) == ("text", ())
    assert forms.preview(given, "da", variant=0, most=3)[2].choices == (("a", "Ja"), ("b", "Nej"))
    assert (forms.name(given, "en"), forms.name(given, "da")) == ("your talk", "din samtale")


@pytest.mark.parametrize(
    ("kind", "codes", "fine"),
    [
        ("scale", ["5"], True),
        ("scale", ["0"], True),
        ("scale", ["6"], False),
        ("scale", ["5", "4"], False),
        ("number", ["10"], True),
        ("number", ["11"], False),
        ("single", ["a"], True),
        ("single", ["a", "b"], False),
        ("multiple", ["a", "b"], True),
        ("multiple", ["a", "a"], False),
        ("multiple", ["a", "z"], False),
        ("multiple", [], False),
        ("text", ["a"], False),
    ],
)
def test_what_may_be_answered(kind: scales.Kind, codes: list[str], fine: bool) -> None:
    assert scales.acceptable(kind, ["a", "b"], codes) is fine


def test_counting_answers() -> None:
    counts = scales.count([["5"], ["4"], ["2"], ["0"], []])
    assert (counts.answered, scales.tally(counts).positive, scales.tally(counts).dont_know) == (4, 2, 1)
    several = scales.count([["a", "b"], ["b"]])
    assert (several.answered, several.by_code) == (2, {"a": 1, "b": 2})
    assert (several + scales.count([["b"]])).by_code == {"a": 1, "b": 3}
    assert scales.mean(scales.count([["10"], ["0"], ["5"]])) == 5
    assert scales.mean(scales.Counts()) is None


@pytest.mark.db
async def test_loading_twice_changes_nothing(session: AsyncSession) -> None:
    await catalogue.load(session)
    before = (await session.execute(text("SELECT id FROM survey ORDER BY id"))).all()
    await catalogue.load(session)
    assert (await session.execute(text("SELECT id FROM survey ORDER BY id"))).all() == before
    found = await catalogue.in_force(session, DAY)
    assert found.policy == STANDARD
    assert [q.key for q in found.forms["T1"].questions] == ["Q1", "Q3", "Q4", "Q7", "TEXT"]
    assert found.settings["T4"] == Setting(touchpoint="T4", priority=50, sampling=0.5)
    assert (found.forms["T4"].minimum_per_quarter, found.forms["T4"].target) == (30, 0.65)


@pytest.mark.db
async def test_a_new_version_applies_from_its_day(session: AsyncSession) -> None:
    await catalogue.load(session)
    [old] = [survey for survey in catalogue.standard().survey if survey.key == "T1"]
    later = msgspec.structs.replace(old, version=2, valid_from=date(2026, 10, 1), questions=("Q1",))
    await catalogue.publish(session, (), [later])
    before = await catalogue.in_force(session, date(2026, 9, 30))
    after = await catalogue.in_force(session, date(2026, 10, 1))
    assert len(before.forms["T1"].questions) == 5
    assert [q.key for q in after.forms["T1"].questions] == ["Q1"]
    assert (await catalogue.form_of(session, before.forms["T1"].survey_id)) == before.forms["T1"]


@pytest.mark.db
async def test_a_version_is_never_rewritten(session: AsyncSession) -> None:
    await catalogue.load(session)
    with pytest.raises(Conflict):
        await catalogue.publish(session, [msgspec.structs.replace(catalogue.standard().question[0], da="Nyt")], ())
    with pytest.raises(Conflict):
        await catalogue.publish(session, (), [msgspec.structs.replace(catalogue.standard().survey[0], target=0.7)])
    changed = msgspec.structs.replace(catalogue.standard().survey[0], questions=("Q1",))
    with pytest.raises(Conflict):
        await catalogue.publish(session, (), [changed])


@pytest.mark.db
async def test_an_organisers_own_survey(session: AsyncSession) -> None:
    await catalogue.load(session)
    own = NewQuestion(key="BUS-1", version=1, kind="number", da="Hvor sandsynligt?", en="How likely?")
    survey = NewSurvey(
        key="BUS", version=1, valid_from=DAY, da="turen", en="the trip", questions=("BUS-1", "Q9", "TEXT")
    )
    await catalogue.publish(session, [own], [survey])
    found = (await catalogue.in_force(session, DAY)).forms["BUS"]
    assert [q.kind for q in found.questions] == ["number", "scale", "text"]


@pytest.mark.db
@pytest.mark.parametrize(
    "values",
    [
        {"kind": "single"},
        {"kind": "single", "options": {"a": {"da": "Ja"}, "b": {"da": "Nej"}}},
        {"kind": "scale"},
        {"kind": "number", "scale": "agree"},
    ],
)
async def test_faulty_questions_are_refused(session: AsyncSession, values: dict[str, object]) -> None:
    faulty = msgspec.convert({"key": "X", "version": 1, "da": "d", "en": "e"} | values, NewQuestion)
    with pytest.raises(Invalid):
        await catalogue.publish(session, [faulty], ())


@pytest.mark.db
async def test_a_survey_of_unknown_questions_is_refused(session: AsyncSession) -> None:
    with pytest.raises(Invalid):
        await catalogue.publish(
            session, (), [NewSurvey(key="X", version=1, valid_from=DAY, da="d", en="e", questions=("NONE",))]
        )


@pytest.mark.db
async def test_before_anything_is_stored_the_products_policy_holds_and_nothing_is_asked(session: AsyncSession) -> None:
    found = await catalogue.in_force(session, DAY)
    assert (found.policy, found.forms) == (STANDARD, {})
