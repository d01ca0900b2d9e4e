"""Messages, the inbox, the outbox of deliveries, and the phones they go to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

DUE_STATES = ("due", "sending")
FINAL_STATES = ("sent", "gone", "rejected", "expired", "cancelled", "failed", "bundled")
# Of those, the ones that nobody meant: somebody may look at them and try again.
DEAD_STATES = ("failed", "rejected", "expired")
CHANNELS = ("push", "sms", "email", "mailbox", "paper")


class Message(Base):
    """One message to one member. (member, key, period) happens once, whatever runs twice.

    `key` is the catalogue id (N11), `period` the business period it belongs to (a rating's id, a week), `klass` L, R
    or S. The ladder's clock: `rung` counts the steps taken after the push, `next_rung_at` says when the next is due
    (null: none). `carrier_id` is the message whose push told of this one too ("3 things are waiting for you").
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("member_id", "key", "period"),
        Index("ix_message_next_rung_at", "next_rung_at", postgresql_where="next_rung_at IS NOT NULL"),
        Index("ix_message_carrier_id", "carrier_id", postgresql_where="carrier_id IS NOT NULL"),
        Index("ix_message_created_at", "created_at", postgresql_using="brin"),
        CheckConstraint(one_of("klass", "L", "R", "S"), name="klass"),
        CheckConstraint("valid_until > created_at", name="validity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    key: Mapped[str]
    period: Mapped[str]
    klass: Mapped[str]
    params: Mapped[dict[str, Any]]
    cause: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    rung: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_rung_at: Mapped[datetime | None]
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))


class InboxEntry(Base):
    """The message as the member finds it in the app, with its read state."""

    __tablename__ = "inbox_entry"
    __table_args__ = (
        Index("ix_inbox_entry_member_id_message_id", "member_id", "message_id"),
        Index("ix_inbox_entry_unread", "member_id", postgresql_where="read_at IS NULL"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Device(Base):
    """One installation of the app. A token belongs to one member at a time: the last who signed in on that phone."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint(one_of("token_kind", "token", "fid"), name="token_kind"),
        CheckConstraint(one_of("platform", "android", "ios", "web"), name="platform"),
        CheckConstraint(
            one_of("revoked_reason", "signed_out", "moved", "rotated", "unregistered", "expired"), name="revoked_reason"
        ),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
        Index("uq_device_token", "token", unique=True, postgresql_where="revoked_at IS NULL"),
        Index("ix_device_member_id", "member_id", postgresql_where="revoked_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    token: Mapped[str]
    token_kind: Mapped[str]
    platform: Mapped[str]
    name: Mapped[str]
    app_version: Mapped[str]
    registered_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class Delivery(Base):
    """One message on one channel, for pushes to one device, while it is still to be sent.

    This is the hot table; finished rows move to delivery_done.

    A claim sets `state`, `lease_until` and `claim_id` in one UPDATE; a lease that ran out is claimed again. `attempts`
    counts the claims, `lapses` those whose lease ran out: a delivery that keeps killing its worker is given up.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "channel", "device_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(one_of("channel", *CHANNELS), name="channel"),
        CheckConstraint("(channel = 'push') = (device_id IS NOT NULL)", name="device"),
        CheckConstraint(one_of("state", *DUE_STATES), name="state"),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease"),
        Index("ix_delivery_due", "channel", "due_at", postgresql_where="state = 'due'"),
        Index("ix_delivery_lease", "lease_until", postgresql_where="state = 'sending'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("device.id"), index=True)
    channel: Mapped[str] = mapped_column(server_default=text("'push'"))
    state: Mapped[str] = mapped_column(server_default=text("'due'"))
    due_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lapses: Mapped[int] = mapped_column(server_default=text("0"))
    lease_until: Mapped[datetime | None]
    claim_id: Mapped[UUID | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]


class DeliveryDone(Base):
    """How a delivery ended. Kept apart from the hot table."""

    __tablename__ = "delivery_done"
    __table_args__ = (
        UniqueConstraint("message_id", "channel", "device_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(one_of("channel", *CHANNELS), name="channel"),
        CheckConstraint(one_of("state", *FINAL_STATES), name="state"),
        Index("ix_delivery_done_member_id", "member_id", "finished_at"),
        Index("ix_delivery_done_finished_at", "finished_at"),
        Index("ix_delivery_done_dead", "finished_at", "id", postgresql_where=one_of("state", *DEAD_STATES)),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    member_id: Mapped[UUID]
    device_id: Mapped[UUID | None]
    channel: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    provider_id: Mapped[str | None]
    last_error: Mapped[str | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime]


class PushSlot(Base):
    """A message's right to one push: two a day, five a week and one about the colour in seven days, by constraint.

    It is the message's whatever number of phones and repeats there are; a push that ends unsent gives it back. `week`
    is the Monday of the day's week.
    """

    __tablename__ = "push_slot"
    __table_args__ = (
        UniqueConstraint("member_id", "day", "day_slot"),
        UniqueConstraint("member_id", "week", "week_slot"),
        CheckConstraint("day_slot BETWEEN 1 AND 2", name="day_slot"),
        CheckConstraint("week_slot BETWEEN 1 AND 5", name="week_slot"),
        CheckConstraint("extract(isodow FROM week) = 1 AND day BETWEEN week AND week + 6", name="week"),
        ExcludeConstraint(
            ("member_id", "="),
            (text("daterange(day, day + 7)"), "&&"),
            name="ex_push_slot_smiley",
            using="gist",
            where="smiley",
        ),
        Index("ix_push_slot_day", "day"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    member_id: Mapped[UUID]
    day: Mapped[date]
    day_slot: Mapped[int] = mapped_column(SmallInteger)
    week: Mapped[date]
    week_slot: Mapped[int] = mapped_column(SmallInteger)
    smiley: Mapped[bool] = mapped_column(server_default=text("false"))
