"""Sessions, bookings, and whose time they take. No overlap and no seat too many, by constraints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.tables_staff import Partner
from backend.db.base import Base, one_of

KINDS = ("talk", "joint_talk", "workshop", "theme_day", "net_cafe")
FORMS = ("personal", "phone", "video", "letter")
SESSION_STATES = ("open", "cancelled", "expired")
BOOKING_STATES = ("held", "booked", "cancelled", "expired", "attended", "absent")
# What takes a seat and the member's time.
ACTIVE = ("held", "booked")
WAITING_STATES = ("waiting", "offered", "accepted", "declined", "expired", "left", "closed")
IN_LINE = ("waiting", "offered")


class ActivitySession(Base):
    """Something that takes place once: a talk (made by its booking), or what is published with seats.

    `starts_at` and `ends_at` are instants; `local_start` and `zone` are what was promised, kept should the zone's rules
    change. taken + held + offered never exceed the capacity. A joint talk gives each member an own time: `lead_minutes`
    together first, then `own_minutes` each.
    """

    __tablename__ = "activity_session"
    __table_args__ = (
        CheckConstraint(one_of("kind", *KINDS), name="kind"),
        CheckConstraint(one_of("form", *FORMS), name="form"),
        CheckConstraint(one_of("state", *SESSION_STATES), name="state"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("taken >= 0 AND held >= 0 AND offered >= 0", name="counters"),
        CheckConstraint("taken + held + offered <= capacity", name="seats"),
        CheckConstraint("kind <> 'talk' OR capacity = 1", name="talk_alone"),
        CheckConstraint("kind <> 'net_cafe' OR capacity BETWEEN 2 AND 4", name="net_cafe_group"),
        CheckConstraint(
            "kind <> 'joint_talk' OR (own_minutes > 0 AND capacity <= 4 AND (capacity - 1) * own_minutes <= 45)",
            name="joint_wait",
        ),
        UniqueConstraint("template_id", "occurrence"),
        ExcludeConstraint(
            ("partner_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_activity_session_partner",
            using="gist",
            where=text("state = 'open' AND partner_id IS NOT NULL"),
        ),
        Index("ix_activity_session_starts_at", "activity", "starts_at", postgresql_where="state = 'open'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity: Mapped[str]
    kind: Mapped[str]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"), index=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    # Of the jobcentre, in a joint talk.
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey(Partner.id), index=True)
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_template.id"))
    occurrence: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str]
    form: Mapped[str]
    place: Mapped[str | None]
    language: Mapped[str]
    audience: Mapped[dict[str, Any]]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(server_default=text("0"))
    held: Mapped[int] = mapped_column(server_default=text("0"))
    offered: Mapped[int] = mapped_column(server_default=text("0"))
    lead_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    own_minutes: Mapped[int | None]
    closes_at: Mapped[datetime]
    state: Mapped[str]
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    cancel_reason: Mapped[str | None]


class StaffTime(Base):
    """Time of an adviser that a session takes, a hold's too. No two overlap."""

    __tablename__ = "staff_time"
    __table_args__ = (ExcludeConstraint(("staff_id", "="), ("span", "&&"), name="ex_staff_time_overlap", using="gist"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("activity_session.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())
    # Set while it is only held: whoever meets an expired one may take it away.
    held_until: Mapped[datetime | None]


class Booking(Base):
    """One member's place in one session: held for minutes, then booked. Ended ones stay, and take nothing.

    `sequence` rises with every change that a calendar must hear of. `position` is the turn in a joint talk, from 1.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint(one_of("state", *BOOKING_STATES), name="state"),
        CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="held"),
        CheckConstraint("state <> 'cancelled' OR num_nulls(cancelled_at, cancel_reason) = 0", name="cancelled"),
        UniqueConstraint("id", "member_id"),
        Index(
            "uq_booking_active", "member_id", "session_id", unique=True, postgresql_where=one_of("state", *ACTIVE)
        ),
        Index(
            "uq_booking_position", "session_id", "position", unique=True, postgresql_where=one_of("state", *ACTIVE)
        ),
        Index("ix_booking_member_id_id", "member_id", "id"),
        Index("ix_booking_session_id", "session_id"),
        Index("ix_booking_held_until", "held_until", postgresql_where="state = 'held'"),
        Index("ix_booking_attendance", "changed_at", postgresql_where=one_of("state", "attended", "absent")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("activity_session.id"))
    state: Mapped[str]
    held_until: Mapped[datetime | None]
    position: Mapped[int | None]
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    # Nobody of the staff: the member did it.
    booked_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    booked_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    lawful: Mapped[bool | None]
    changed_at: Mapped[datetime]


class MemberTime(Base):
    """Time of a member that a booking takes, a hold's too, or the talk of a call-in. No two overlap."""

    __tablename__ = "member_time"
    __table_args__ = (
        ForeignKeyConstraint(
            ["booking_id", "member_id"], ["booking.id", "booking.member_id"], name="fk_member_time_booking_id"
        ),
        ExcludeConstraint(("member_id", "="), ("span", "&&"), name="ex_member_time_overlap", using="gist"),
        CheckConstraint("num_nonnulls(booking_id, call_in_id) = 1", name="one"),
        UniqueConstraint("booking_id"),
        UniqueConstraint("call_in_id"),
    )

    booking_id: Mapped[UUID | None]
    call_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_in.id"))
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE(), primary_key=True)


class BookingObligation(Base):
    """Which items of the course plan a booking is for: a merged talk is for more than one."""

    __tablename__ = "booking_obligation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["booking_id", "member_id"], ["booking.id", "booking.member_id"], name="fk_booking_obligation_booking_id"
        ),
        ForeignKeyConstraint(
            ["obligation_id", "member_id"],
            ["obligation.id", "obligation.member_id"],
            name="fk_booking_obligation_obligation_id",
        ),
        Index("ix_booking_obligation_obligation_id", "obligation_id"),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]


class BookingHistory(Base):
    """What happened to a booking, and by whom. Append-only by trigger."""

    __tablename__ = "booking_history"
    __table_args__ = (
        CheckConstraint(
            one_of("event", "held", "booked", "confirmed", "moved", "cancelled", "expired", "attended", "absent"),
            name="event",
        ),
        Index("ix_booking_history_booking_id_at", "booking_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"))
    at: Mapped[datetime]
    event: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]]


class WaitingEntry(Base):
    """One member's place in the line for a full session. An offer takes a seat until it is answered or runs out.

    Once ended, an entry never comes back: who wants another offer goes to the end of the line. `blocked` says why an
    entry is passed over for now.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint(one_of("state", *WAITING_STATES), name="state"),
        CheckConstraint("(state = 'offered') = (offer_until IS NOT NULL)", name="offer"),
        CheckConstraint(one_of("blocked", "audience", "own_time"), name="blocked"),
        Index(
            "uq_waiting_entry_in_line", "session_id", "member_id", unique=True,
            postgresql_where=one_of("state", *IN_LINE),
        ),
        Index(
            "ix_waiting_entry_line", "session_id", "priority", "joined_at", "id",
            postgresql_where=one_of("state", *IN_LINE),
        ),
        Index("ix_waiting_entry_offer_until", "offer_until", postgresql_where="state = 'offered'"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("activity_session.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    priority: Mapped[int]
    joined_at: Mapped[datetime]
    state: Mapped[str]
    offered_at: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]
    blocked: Mapped[str | None]
    ended_at: Mapped[datetime | None]
