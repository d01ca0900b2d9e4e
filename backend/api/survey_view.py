"""How surveys look to those who answer: questions with their choices, and what is sent back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.api.wire import Input, Wire
from backend.surveys import forms, scales
from backend.surveys.answers import Given, Open
from backend.surveys.forms import Shown
from backend.surveys.scales import Kind

# Answers and texts by the question's key.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[\w.:-]+$")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[\w.:-]+$")]
Codes = Annotated[list[Code], msgspec.Meta(max_length=20)]
Words = Annotated[str, msgspec.Meta(max_length=scales.LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class ChoiceView(Wire):
    """One answer that may be given: the code to send, and its words."""

    code: str
    label: str


class QuestionView(Wire):
    """A question. `kind` text takes words under `texts`, every other the codes of its choices under `answers`."""

    key: str
    kind: Kind
    text: str
    choices: list[ChoiceView]


class FormView(Wire):
    """A survey that can be answered until `expiresAt`. Everything may be left out, but not all of it."""

    name: str
    questions: list[QuestionView]
    longest_text: int
    expires_at: datetime


class InvitationView(FormView):
    """A survey that I am asked."""

    id: UUID


class AnswerInput(Input):
    """Codes and texts by the question's key. `contactWanted`: somebody sees who I am and gets in touch."""

    answers: Annotated[dict[Key, Codes], msgspec.Meta(max_length=20)] = {}
    texts: Annotated[dict[Key, Words], msgspec.Meta(max_length=5)] = {}
    contact_wanted: bool = False


class Thanks(Wire):
    """It is stored. `contact`: whether somebody gets in touch, within one working day."""

    contact: bool


def questions(shown: list[Shown]) -> list[QuestionView]:
    return [
        QuestionView(
            key=one.key,
            kind=one.kind,
            text=one.text,
            choices=[ChoiceView(code=code, label=label) for code, label in one.choices],
        )
        for one in shown
    ]


def form(language: str, found: Open) -> FormView:
    """Without the invitation's id: what stands behind a link must lead nowhere else."""
    return FormView(
        name=forms.name(found.form, language),
        questions=questions([forms.shown(question, language) for question in found.questions]),
        longest_text=scales.LONGEST_TEXT,
        expires_at=found.expires_at,
    )


def invitation(language: str, found: Open) -> InvitationView:
    shown = form(language, found)
    return InvitationView(id=found.invitation_id, **{name: getattr(shown, name) for name in FormView.__struct_fields__})


def given(data: AnswerInput) -> Given:
    return Given(codes=data.answers, texts=data.texts, contact_wanted=data.contact_wanted)
