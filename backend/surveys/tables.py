"""What is asked, who was asked, and what they answered. What is counted of it lies in tables_counted.py."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of
from backend.surveys.scales import KINDS

STATES = ("waiting", "invited", "skipped")
SERIES = ("first", "middle", "last", "single")


class SurveyPolicy(Base):
    """A version of the invitation rules' numbers. Never changed once it applies."""

    __tablename__ = "survey_policy"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(unique=True)
    numbers: Mapped[dict[str, Any]]


class SurveyQuestion(Base):
    """A version of a question in both languages. `options`: {"code": {"da": …, "en": …}} for choices."""

    __tablename__ = "survey_question"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint(one_of("kind", *KINDS), name="kind"),
        CheckConstraint("kind <> 'scale' OR scale IN ('satisfied', 'agree')", name="scale"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    version: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    scale: Mapped[str]
    text_da: Mapped[str]
    text_en: Mapped[str]
    options: Mapped[dict[str, Any]]


class Survey(Base):
    """A version of what is asked after a touchpoint (T1 to T6) or at an organiser's own occasion, from a day on.

    `name_da` and `name_en` name the activity within a sentence. `target` is the positive share aimed at. `after`: the
    activity of the course plans that it is asked after, or service_call; empty: what the plans say.
    """

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        UniqueConstraint("key", "valid_from"),
        CheckConstraint("sampling BETWEEN 0 AND 1", name="sampling"),
        CheckConstraint("target BETWEEN 0 AND 1", name="target"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    version: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    name_da: Mapped[str]
    name_en: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    rare: Mapped[bool]
    ends_of_series_only: Mapped[bool]
    sampling: Mapped[float] = mapped_column(Double)
    minimum_per_quarter: Mapped[int]
    split_by_colour: Mapped[bool]
    target: Mapped[float | None] = mapped_column(Double)
    after: Mapped[str] = mapped_column(server_default=text("''"))
    # Nobody: it came with the product.
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class SurveyItem(Base):
    """A question's place in a survey."""

    __tablename__ = "survey_item"
    __table_args__ = (UniqueConstraint("survey_id", "question_id"),)

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    question_id: Mapped[UUID] = mapped_column(ForeignKey("survey_question.id"))


class SurveyAttendance(Base):
    """An activity that a member took part in, and what became of asking about it: invited, or skipped with a reason.

    `occasion` is the activity's own name, so that one that is registered twice is asked about once. `branch_id` is the
    branch that held it, none for the job team; `series_key` the series, or the adviser for talks. `colour` is kept only
    where the survey is split by it. After a year no member.
    """

    __tablename__ = "survey_attendance"
    __table_args__ = (
        UniqueConstraint("member_id", "occasion"),
        CheckConstraint(one_of("state", *STATES), name="state"),
        CheckConstraint(one_of("series", *SERIES), name="series"),
        CheckConstraint("(state = 'skipped') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'waiting' OR member_id IS NOT NULL", name="waiting_member"),
        Index("ix_survey_attendance_waiting", "member_id", "ended_at", postgresql_where="state = 'waiting'"),
        Index("ix_survey_attendance_quarter", "quarter", "touchpoint"),
        Index("ix_survey_attendance_event", "event_key"),
        Index("ix_survey_attendance_series", "series_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    touchpoint: Mapped[str]
    occasion: Mapped[str]
    quarter: Mapped[date]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"))
    series_key: Mapped[str]
    event_key: Mapped[str]
    series: Mapped[str]
    compulsory: Mapped[bool]
    colour: Mapped[str] = mapped_column(server_default=text("''"))
    ended_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class SurveyInvitation(Base):
    """One member asked once. Two within 14 days, or within 60 for the same touchpoint, cannot be stored.

    `variant` chooses which of the survey's questions take their turn. The link's token is kept as a hash only.
    """

    __tablename__ = "survey_invitation"
    __table_args__ = (
        ExcludeConstraint(
            ("member_id", "="),
            (text("tstzrange(invited_at, free_from)"), "&&"),
            name="ex_survey_invitation_member",
            using="gist",
        ),
        ExcludeConstraint(
            ("member_id", "="),
            ("touchpoint", "="),
            (text("tstzrange(invited_at, touchpoint_free_from)"), "&&"),
            name="ex_survey_invitation_touchpoint",
            using="gist",
        ),
        CheckConstraint("reminded_at > invited_at", name="reminded"),
        Index("ix_survey_invitation_member_id", "member_id"),
        Index(
            "ix_survey_invitation_open", "invited_at", postgresql_where="answered_at IS NULL AND reminded_at IS NULL"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    attendance_id: Mapped[UUID] = mapped_column(ForeignKey("survey_attendance.id"), unique=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    touchpoint: Mapped[str]
    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"))
    variant: Mapped[int] = mapped_column(SmallInteger)
    policy_version: Mapped[int] = mapped_column(ForeignKey("survey_policy.version"))
    invited_at: Mapped[datetime]
    free_from: Mapped[datetime]
    touchpoint_free_from: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(unique=True)


class SurveyOptOut(Base):
    """A member who does not want to be asked, for the time that the policy keeps it."""

    __tablename__ = "survey_opt_out"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    opted_out_at: Mapped[datetime]
    until: Mapped[datetime]


class SurveyResponse(Base):
    """What came back of one invitation, once. After a year the link to the invitation is cut and the day coarsened."""

    __tablename__ = "survey_response"
    __table_args__ = (
        CheckConstraint("contact_handled_at IS NULL OR contact_wanted", name="contact"),
        CheckConstraint("reply IS NULL OR (length(reply) > 0 AND contact_handled_at IS NOT NULL)", name="reply"),
        Index(
            "ix_survey_response_contact",
            "submitted_at",
            postgresql_where="contact_wanted AND contact_handled_at IS NULL",
        ),
        Index("ix_survey_response_submitted_at", "submitted_at", postgresql_where="anonymised_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey_invitation.id"), unique=True)
    submitted_at: Mapped[datetime]
    contact_wanted: Mapped[bool]
    contact_handled_at: Mapped[datetime | None]
    contact_handled_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reply: Mapped[str | None]
    anonymised_at: Mapped[datetime | None]


class SurveyText(Base):
    """A free text. Nobody but a person with need reads `body`; the others what a person confirmed as redacted."""

    __tablename__ = "survey_text"
    __table_args__ = (
        CheckConstraint(
            "(confirmed_at IS NULL) = (redacted IS NULL) AND (confirmed_at IS NULL) = (confirmed_by IS NULL)",
            name="confirmed",
        ),
        Index("ix_survey_text_unconfirmed", "response_id", postgresql_where="confirmed_at IS NULL"),
    )

    response_id: Mapped[UUID] = mapped_column(ForeignKey("survey_response.id"), primary_key=True)
    question_id: Mapped[UUID] = mapped_column(ForeignKey("survey_question.id"), primary_key=True)
    body: Mapped[str]
    redacted: Mapped[str | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None]
