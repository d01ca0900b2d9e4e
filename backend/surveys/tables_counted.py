"""Answers as they are counted: each in a block of at least five, or in none. Only blocks are ever shown."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class SurveyBlock(Base):
    """The sum of five answers or more to one question. Append-only by trigger: a block never changes.

    Its place is as much of branch, series and event as its answers share; what they do not is null. Answers of
    different quarters, touchpoints, kinds of contact (compulsory or not) or colours never share a block.
    """

    __tablename__ = "survey_block"
    __table_args__ = (
        CheckConstraint("answered >= 5", name="five"),
        CheckConstraint("event_key IS NULL OR series_key IS NOT NULL", name="event_in_series"),
        Index("ix_survey_block_quarter_touchpoint", "quarter", "touchpoint"),
        Index("ix_survey_block_event_key", "event_key"),
        Index("ix_survey_block_series_key", "series_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    quarter: Mapped[date]
    touchpoint: Mapped[str]
    question_id: Mapped[UUID] = mapped_column(ForeignKey("survey_question.id"))
    compulsory: Mapped[bool]
    colour: Mapped[str]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"))
    series_key: Mapped[str | None]
    event_key: Mapped[str | None]
    answered: Mapped[int]
    by_code: Mapped[dict[str, Any]]
    closed_at: Mapped[datetime]


class SurveyAnswer(Base):
    """One answer to one counted question: a code. Several rows where several may be chosen.

    `block_id` is the block that it is counted in, once it is: written once.
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        Index("ix_survey_answer_uncounted", "question_id", "response_id", postgresql_where="block_id IS NULL"),
        Index("ix_survey_answer_block_id", "block_id"),
    )

    response_id: Mapped[UUID] = mapped_column(ForeignKey("survey_response.id"), primary_key=True)
    question_id: Mapped[UUID] = mapped_column(ForeignKey("survey_question.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    block_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey_block.id"))


class SurveyRelease(Base):
    """A quarter that is closed: its leftovers are pooled, and nothing is added to it any more."""

    __tablename__ = "survey_release"

    quarter: Mapped[date] = mapped_column(primary_key=True)
    released_at: Mapped[datetime]
    counting: Mapped[dict[str, Any]]
