"""What organisers and managers add: which survey an event has, what is aimed at, what changed because of answers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class SurveyChoice(Base):
    """The survey that an organiser chose for a series or for one event, in place of its activity's usual one."""

    __tablename__ = "survey_choice"

    place_key: Mapped[str] = mapped_column(primary_key=True)
    touchpoint: Mapped[str]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]


class SurveyTarget(Base):
    """The positive share that is aimed at from a day on, in place of the survey's own. Null: none is."""

    __tablename__ = "survey_target"
    __table_args__ = (CheckConstraint("share BETWEEN 0 AND 1", name="share"),)

    touchpoint: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    share: Mapped[float | None] = mapped_column(Double)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]


class SurveyChange(Base):
    """What an organiser changed in a series because of what members answered, in words that those members read."""

    __tablename__ = "survey_change"
    __table_args__ = (
        CheckConstraint("length(da) > 0 AND length(en) > 0", name="words"),
        Index("ix_survey_change_series_key", "series_key", "said_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series_key: Mapped[str]
    da: Mapped[str]
    en: Mapped[str]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    said_at: Mapped[datetime]


class SurveyReading(Base):
    """Up to which instant the attendance of a source is taken note of."""

    __tablename__ = "survey_reading"

    source: Mapped[str] = mapped_column(primary_key=True)
    read_until: Mapped[datetime]
