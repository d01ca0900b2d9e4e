"""When advisers work and when not, what is held again and again, and by when members must have booked."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.tables import FORMS, KINDS
from backend.booking.tables_staff import Partner
from backend.course.tables_plans import Obligation
from backend.db.base import Base, one_of

DEADLINE_STATES = ("open", "met", "missed", "lifted")
DEADLINE_CHANGES = ("set", "paused", "resumed", "extended", "no_slot", "outage", "met", "missed", "lifted")


class WorkingHours(Base):
    """Wall-clock hours in which an adviser takes talks, on one weekday (1 Monday to 7) in a range of dates."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("from_time < to_time", name="times"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days"),
        ExcludeConstraint(
            ("staff_id", "="),
            ("weekday", "="),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            (text("int4range(extract(epoch FROM from_time)::int, extract(epoch FROM to_time)::int)"), "&&"),
            name="ex_working_hours_overlap",
            using="gist",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    weekday: Mapped[int]
    from_time: Mapped[time] = mapped_column(Time())
    to_time: Mapped[time] = mapped_column(Time())
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    # How talks can be held in these hours, and where.
    forms: Mapped[list[str]]
    place: Mapped[str | None]


class StaffAbsence(Base):
    """Time in which an adviser takes no talks. Bookings made before stay until somebody moves them."""

    __tablename__ = "staff_absence"
    __table_args__ = (
        CheckConstraint("from_at < to_at", name="order"),
        Index("ix_staff_absence_staff_id_to_at", "staff_id", "to_at", postgresql_where="cancelled_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class SessionTemplate(Base):
    """What is held again and again: every so many weeks on the weekday of its first day, at a wall-clock time."""

    __tablename__ = "session_template"
    __table_args__ = (
        CheckConstraint(one_of("kind", *KINDS), name="kind"),
        CheckConstraint(one_of("form", *FORMS), name="form"),
        CheckConstraint("every_weeks BETWEEN 1 AND 26", name="every_weeks"),
        CheckConstraint("minutes BETWEEN 10 AND 600", name="minutes"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="days"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity: Mapped[str]
    kind: Mapped[str]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"), index=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey(Partner.id), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    every_weeks: Mapped[int]
    at: Mapped[time] = mapped_column(Time())
    zone: Mapped[str]
    minutes: Mapped[int]
    form: Mapped[str]
    place: Mapped[str | None]
    language: Mapped[str]
    audience: Mapped[dict[str, Any]]
    capacity: Mapped[int]
    lead_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    own_minutes: Mapped[int | None]
    closes_hours: Mapped[int]


class TemplateException(Base):
    """One occurrence that falls away (no `moved_to`) or is held at another wall-clock time."""

    __tablename__ = "template_exception"

    template_id: Mapped[UUID] = mapped_column(ForeignKey("session_template.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", primary_key=True)
    moved_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))


class BookingDeadline(Base):
    """By when the member must have booked an item: at least eight days after being told. At most one per item."""

    __tablename__ = "booking_deadline"
    __table_args__ = (
        CheckConstraint(one_of("state", *DEADLINE_STATES), name="state"),
        CheckConstraint("due_on >= told_on + 8", name="eight_days"),
        UniqueConstraint("obligation_id"),
        Index("ix_booking_deadline_open", "due_on", "id", postgresql_where="state = 'open'"),
        Index("ix_booking_deadline_member_id", "member_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey(Obligation.id))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    told_on: Mapped[date]
    due_on: Mapped[date]
    paused_on: Mapped[date | None]
    state: Mapped[str]
    ended_at: Mapped[datetime | None]


class DeadlineChange(Base):
    """Why a deadline is where it is: set, paused, extended, no slot was free, the system was down.

    Append-only by trigger. An outage and a day without slots count once per deadline.
    """

    __tablename__ = "deadline_change"
    __table_args__ = (
        CheckConstraint(one_of("kind", *DEADLINE_CHANGES), name="kind"),
        Index("uq_deadline_change_outage", "deadline_id", "outage_id", unique=True),
        Index("uq_deadline_change_no_slot", "deadline_id", "on_day", unique=True, postgresql_where="kind = 'no_slot'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("booking_deadline.id"))
    kind: Mapped[str]
    on: Mapped[date] = mapped_column("on_day")
    due_on: Mapped[date]
    outage_id: Mapped[UUID | None] = mapped_column(ForeignKey("outage.id"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None]
    at: Mapped[datetime]


class Outage(Base):
    """A time in which members could not book: entered by hand, or by whoever watches the system."""

    __tablename__ = "outage"
    __table_args__ = (CheckConstraint("to_at IS NULL OR from_at < to_at", name="order"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    note: Mapped[str | None]


class CalendarFeed(Base):
    """The secret address of a member's or an adviser's calendar feed, as a hash. A new one ends the old."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name="one_owner"),
        UniqueConstraint("token_hash"),
        Index("uq_calendar_feed_member_id", "member_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("uq_calendar_feed_staff_id", "staff_id", unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
