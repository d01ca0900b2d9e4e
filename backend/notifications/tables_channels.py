"""The steps of the ladder, deliveries that were given another try, and how the channels stand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of
from backend.notifications.tables import CHANNELS, FINAL_STATES

RUNGS = ("mailbox", "sms", "email", "phone", "paper")
STEP_REASONS = ("created", "at_once", "not_delivered", "no_device", "unread", "exempt")


class MessageStep(Base):
    """A step that a message took after its push, and why. Each is taken once, whatever runs twice."""

    __tablename__ = "message_step"
    __table_args__ = (
        CheckConstraint(one_of("rung", *RUNGS), name="rung"),
        CheckConstraint(one_of("reason", *STEP_REASONS), name="reason"),
        Index("ix_message_step_phone", "at", postgresql_where="rung = 'phone'"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    rung: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


class DeliveryReplay(Base):
    """A delivery that was given up and sent on its way again: how it had ended, and who wanted it."""

    __tablename__ = "delivery_replay"
    __table_args__ = (
        CheckConstraint(one_of("state", *FINAL_STATES), name="state"),
        Index("ix_delivery_replay_delivery_id", "delivery_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID]
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    channel: Mapped[str]
    state: Mapped[str]
    last_error: Mapped[str | None]
    attempts: Mapped[int]
    finished_at: Mapped[datetime]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Channel(Base):
    """Whether a channel's provider is thought to be up: one row each, shared by all processes (delivery/breaker.py)."""

    __tablename__ = "channel"
    __table_args__ = (
        CheckConstraint(one_of("name", *CHANNELS), name="name"),
        CheckConstraint(one_of("state", "closed", "open", "half_open"), name="state"),
        CheckConstraint("(state = 'closed') = (probe_at IS NULL)", name="probe"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default=text("'closed'"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    trips: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    since: Mapped[datetime | None]
    probe_at: Mapped[datetime | None]
