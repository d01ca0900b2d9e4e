"""What a member is shown: which of a survey's questions, in which words, with which answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backend.i18n import N_, text
from backend.surveys.rules import Setting
from backend.surveys.scales import NUMBERS, SCALE, Kind

LABELS = {
    "satisfied": (
        N_("Very satisfied"),
        N_("Satisfied"),
        N_("Neither satisfied nor dissatisfied"),
        N_("Dissatisfied"),
        N_("Very dissatisfied"),
        N_("Don't know"),
    ),
    "agree": (
        N_("Strongly agree"),
        N_("Agree"),
        N_("Neither agree nor disagree"),
        N_("Disagree"),
        N_("Strongly disagree"),
        N_("Don't know"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A stored version of a question. `options`: {"code": {"da": …, "en": …}}, for choices only."""

    id: UUID
    key: str
    kind: Kind
    scale: str
    da: str
    en: str
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A survey as it is in force: its settings and its questions in order."""

    survey_id: UUID
    da: str
    en: str
    setting: Setting
    minimum_per_quarter: int
    split_by_colour: bool
    target: float | None
    questions: Sequence[Question]
    after: str = ""

    @property
    def counted(self) -> Sequence[Question]:
        """Without texts. The first is asked of everybody."""
        return [question for question in self.questions if question.kind != "text"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as one member reads it; `choices` are codes with their words, none for text."""

    key: str
    kind: Kind
    text: str
    choices: tuple[tuple[str, str], ...]


def asked(form: Form, variant: int, most: int) -> tuple[Question, ...]:
    """The questions of one invitation: the first always, of the other counted ones as many as `most` leaves, in turns.

    So every question is asked equally often, and nobody is asked more than the policy allows. One text comes on top.
    """
    first, others = form.counted[:1], form.counted[1:]
    turn = [others[(variant + n) % len(others)] for n in range(min(most - 1, len(others)))]
    texts = [question for question in form.questions if question.kind == "text"][:1]
    taken = {question.id for question in (*first, *turn, *texts)}
    return tuple(question for question in form.questions if question.id in taken)


def preview(form: Form, language: str, *, variant: int, most: int) -> list[Shown]:
    """The form as the member sees it, for the app, the page behind the link, and the organiser's preview alike."""
    return [shown(question, language) for question in asked(form, variant, most)]


def shown(question: Question, language: str) -> Shown:
    words = question.en if language == "en" else question.da
    return Shown(question.key, question.kind, words, _choices(question, language))


def name(form: Form, language: str) -> str:
    """The activity's name within a sentence."""
    return form.en if language == "en" else form.da


def _choices(question: Question, language: str) -> tuple[tuple[str, str], ...]:
    if question.kind == "scale":
        labels = LABELS[question.scale]
        return tuple((code, text(language, label)) for code, label in zip(SCALE, labels, strict=True))
    if question.kind == "number":
        return tuple((number, number) for number in NUMBERS)
    return tuple((code, words["en" if language == "en" else "da"]) for code, words in question.options.items())
