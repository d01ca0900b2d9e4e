"""Answering: once per invitation, as much of it as the member likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import normalize
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import DomainError
from backend.surveys import catalogue, forms, scales
from backend.surveys.errors import AlreadyAnswered, NoSuchInvitation, NotAnAnswer, NothingAnswered
from backend.surveys.forms import Form, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An invitation that can be answered, with its form and the questions that it asks."""

    invitation_id: UUID
    form: Form
    questions: Sequence[Question]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a member sends: codes and texts by the question's key. Everything may be left out but not all of it."""

    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    contact_wanted: bool = False


async def open_for(session: AsyncSession, member_id: UUID, *, now: datetime) -> list[Open]:
    """What the member can answer now, the newest first; nothing that was asked before they said no to surveys."""
    found = await session.execute(_OPEN, {"member": member_id, "now": now})
    return [await opened(session, invitation_id, now=now) for invitation_id in found.scalars().all()]


async def decline(session: AsyncSession, invitation_id: UUID, member_id: UUID, *, now: datetime) -> None:
    """The member would rather not: it is shown no more and not reminded of. Answering after all is still possible.

    Raises NoSuchInvitation.
    """
    values = {"id": invitation_id, "member": member_id, "now": now}
    if (await session.execute(_DECLINE, values)).first() is None:
        raise NoSuchInvitation


async def opened(session: AsyncSession, invitation_id: UUID, *, now: datetime, member_id: UUID | None = None) -> Open:
    """One invitation; with `member_id` only if it is theirs. Raises NoSuchInvitation."""
    row = (await session.execute(_ONE, {"id": invitation_id, "member": member_id, "now": now})).first()
    if row is None:
        raise NoSuchInvitation
    form = await catalogue.form_of(session, row.survey_id)
    policy = await catalogue.policy_of(session, row.policy_version)
    questions = forms.asked(form, row.variant, policy.most_questions)
    return Open(invitation_id=row.id, form=form, questions=questions, expires_at=row.expires_at)


async def submit(session: AsyncSession, invitation: Open, given: Given, *, now: datetime) -> UUID:
    """Store the answers, once. Raises AlreadyAnswered, NotAnAnswer or NothingAnswered. Returns the response's id."""
    answers, texts = checked(invitation.questions, given)
    if not answers and not texts and not given.contact_wanted:
        raise NothingAnswered
    # Random, unlike our other ids: those grow with time, and the time of an answer could lead back to its giver.
    response_id = uuid4()
    values = {"id": response_id, "invitation": invitation.invitation_id, "contact": given.contact_wanted, "now": now}
    if (await session.execute(_RESPONSE, values)).first() is None:
        raise AlreadyAnswered
    pairs = [(question_id, code) for question_id, codes in answers.items() for code in codes]
    both = {"response": response_id, "questions": [q for q, _ in pairs], "codes": [code for _, code in pairs]}
    await session.execute(_ANSWERS, both | {"text_questions": list(texts), "texts": list(texts.values())})
    return response_id


def checked(questions: Sequence[Question], given: Given) -> tuple[dict[UUID, Sequence[str]], dict[UUID, str]]:
    """Codes and texts by question id, the empty ones left out. Raises NotAnAnswer, naming the question."""
    by_key = {question.key: question for question in questions}
    answers = {_counted(by_key, key, codes): codes for key, codes in given.codes.items() if codes}
    # Composed, as names are stored: some phones send å as two signs, in which nobody would find the name.
    texts = {
        _written(by_key, key, body): normalize("NFC", body.strip()) for key, body in given.texts.items() if body.strip()
    }
    return answers, texts


def _counted(by_key: Mapping[str, Question], key: str, codes: Sequence[str]) -> UUID:
    question = by_key.get(key)
    if question is None or not scales.acceptable(question.kind, question.options, codes):
        raise _refusal(key)
    return question.id


def _written(by_key: Mapping[str, Question], key: str, body: str) -> UUID:
    question = by_key.get(key)
    if question is None or question.kind != "text" or len(body) > scales.LONGEST_TEXT:
        raise _refusal(key)
    return question.id


def _refusal(key: str) -> DomainError:
    return NotAnAnswer(field=f"answers.{key}")


_OPEN = text("""
SELECT i.id FROM survey_invitation i
WHERE i.member_id = :member AND i.answered_at IS NULL AND i.declined_at IS NULL AND i.expires_at > :now
    AND NOT EXISTS (
        SELECT FROM survey_opt_out o
        WHERE o.member_id = i.member_id AND o.opted_out_at >= i.invited_at AND o.until > :now
    )
ORDER BY i.invited_at DESC
""")
_ONE = text("""
SELECT id, survey_id, variant, policy_version, expires_at FROM survey_invitation
WHERE id = :id AND expires_at > :now AND (CAST(:member AS uuid) IS NULL OR member_id = :member)
""")
_DECLINE = text("""
UPDATE survey_invitation SET declined_at = COALESCE(declined_at, :now), token_hash = NULL
WHERE id = :id AND member_id = :member AND answered_at IS NULL AND expires_at > :now RETURNING id
""")
_RESPONSE = text("""
WITH new AS (
    INSERT INTO survey_response (id, invitation_id, submitted_at, contact_wanted)
    VALUES (:id, :invitation, :now, :contact) ON CONFLICT (invitation_id) DO NOTHING RETURNING invitation_id
)
UPDATE survey_invitation i SET answered_at = :now, token_hash = NULL FROM new WHERE i.id = new.invitation_id
RETURNING i.id
""")
_ANSWERS = text("""
WITH answers AS (
    INSERT INTO survey_answer (response_id, question_id, code)
    SELECT :response, a.question_id, a.code
    FROM unnest(CAST(:questions AS uuid[]), CAST(:codes AS text[])) AS a (question_id, code)
)
INSERT INTO survey_text (response_id, question_id, body)
SELECT :response, t.question_id, t.body
FROM unnest(CAST(:text_questions AS uuid[]), CAST(:texts AS text[])) AS t (question_id, body)
""")
