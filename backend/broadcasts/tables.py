"""Broadcasts: what a coordinator writes to many members, who approved it, and how far its sending has come."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

STATES = ("draft", "waiting", "withdrawn", "sending", "paused", "stopped", "sent")
EVENTS = (
    "written", "edited", "submitted", "returned", "withdrawn", "approved", "stage_begun", "stage_done", "paused",
    "resumed", "stopped", "cleared", "sent",
)  # fmt: skip


class Broadcast(Base):
    """A message to many. `author_id` is who wrote it last; nobody approves what they wrote, by constraint.

    `version` rises with every edit: an approval is of one version. `audience` is the filter (audience.py). After a stop
    `cleared_at` says when what had not gone out was taken back.
    """

    __tablename__ = "broadcast"
    __table_args__ = (
        CheckConstraint(one_of("klass", "R", "S"), name="klass"),
        CheckConstraint(one_of("state", *STATES), name="state"),
        CheckConstraint("approved_by <> author_id", name="two_people"),
        CheckConstraint(
            "(state IN ('draft', 'waiting', 'withdrawn')) = (approved_by IS NULL)", name="approved_before_sending"
        ),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_at"),
        CheckConstraint("spread_minutes BETWEEN 0 AND 480", name="spread"),
        CheckConstraint("valid_days BETWEEN 1 AND 30", name="valid_days"),
        Index(
            "ix_broadcast_under_way",
            "id",
            postgresql_where="state = 'sending' OR (state = 'stopped' AND cleared_at IS NULL)",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    klass: Mapped[str]
    category: Mapped[str]
    title_da: Mapped[str]
    body_da: Mapped[str]
    title_en: Mapped[str]
    body_en: Mapped[str]
    audience: Mapped[dict[str, Any]]
    spread_minutes: Mapped[int] = mapped_column(SmallInteger)
    valid_days: Mapped[int] = mapped_column(SmallInteger)
    send_from: Mapped[datetime | None]
    state: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class BroadcastStage(Base):
    """A part of the audience: the members up to `share` (percent) of it, after those of the stages before.

    `pause_minutes` is how long nothing follows after its last push could go out. `begun_at` is part of its messages'
    ids, so that all of a stage's lie together.
    """

    __tablename__ = "broadcast_stage"
    __table_args__ = (
        CheckConstraint("share > 0 AND share <= 100", name="share"),
        CheckConstraint("pause_minutes BETWEEN 0 AND 10080", name="pause"),
        CheckConstraint("done_at IS NULL OR begun_at IS NOT NULL", name="order"),
    )

    broadcast_id: Mapped[UUID] = mapped_column(ForeignKey("broadcast.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    share: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    pause_minutes: Mapped[int] = mapped_column(SmallInteger)
    begun_at: Mapped[datetime | None]
    due_from: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class BroadcastRange(Base):
    """A range of members of a stage that is under way: done in the transaction that stores its messages."""

    __tablename__ = "broadcast_range"
    __table_args__ = (
        ForeignKeyConstraint(
            ["broadcast_id", "stage"],
            ["broadcast_stage.broadcast_id", "broadcast_stage.number"],
            name="fk_broadcast_range_stage",
        ),
        Index("ix_broadcast_range_open", "broadcast_id", "stage", postgresql_where="done_at IS NULL"),
    )

    broadcast_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_id: Mapped[UUID]
    last_id: Mapped[UUID]
    stored: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]


class BroadcastEvent(Base):
    """What was done to a broadcast, when and by whom (nobody: the program). Append-only by trigger."""

    __tablename__ = "broadcast_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", *EVENTS), name="kind"),
        Index("ix_broadcast_event_broadcast_id", "broadcast_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    broadcast_id: Mapped[UUID] = mapped_column(ForeignKey("broadcast.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
