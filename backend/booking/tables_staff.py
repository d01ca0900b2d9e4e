"""Who of the jobcentres takes part in joint talks, and the history of what staff do to sessions and calendars."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class Partner(Base):
    """A consultant of a jobcentre, who is in one joint talk at a time."""

    __tablename__ = "partner"
    __table_args__ = (CheckConstraint("length(jobcentre) > 0 AND length(name) > 0", name="named"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    jobcentre: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    ended_on: Mapped[date | None]


class SessionHistory(Base):
    """What was done to a session or a template, and by whom. Append-only by trigger."""

    __tablename__ = "session_history"
    __table_args__ = (
        CheckConstraint("num_nonnulls(session_id, template_id) = 1", name="one_subject"),
        CheckConstraint(one_of("event", "created", "changed", "cancelled", "ended", "exception"), name="event"),
        Index("ix_session_history_session_id_at", "session_id", "at"),
        Index("ix_session_history_template_id_at", "template_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity_session.id"))
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_template.id"))
    at: Mapped[datetime]
    event: Mapped[str]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]]


class CalendarHistory(Base):
    """What was done to somebody's working hours and absences, and by whom. Append-only by trigger."""

    __tablename__ = "calendar_history"
    __table_args__ = (
        CheckConstraint(one_of("event", "hours", "away", "back"), name="event"),
        Index("ix_calendar_history_staff_id_at", "staff_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    event: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]]
