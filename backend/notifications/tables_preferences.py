"""What a member chose about being told, and the fund's numbers for when and how often anybody may be."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

CHOSEN_CHANNELS = ("push", "sms", "email")


class NotificationPreference(Base):
    """A channel that a member wants or does not want for a category. Without a row it is wanted."""

    __tablename__ = "notification_preference"
    __table_args__ = (CheckConstraint(one_of("channel", *CHOSEN_CHANNELS), name="channel"),)

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]


class NotificationSetting(Base):
    """What a member chose for all categories. Quiet hours of one's own only add to the fund's, and leave 12 to 16.

    `announce_by` is the channel on which a legal notice is announced.
    """

    __tablename__ = "notification_setting"
    __table_args__ = (
        CheckConstraint("quiet_from BETWEEN '16:00' AND '20:00'", name="quiet_from"),
        CheckConstraint("quiet_until BETWEEN '08:00' AND '12:00'", name="quiet_until"),
        CheckConstraint(one_of("announce_by", *CHOSEN_CHANNELS), name="announce_by"),
    )

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    announce_by: Mapped[str] = mapped_column(server_default=text("'push'"))
    changed_at: Mapped[datetime]


class SendingPolicy(Base):
    """A version of the numbers of the sending rules. Never changed once it applies.

    A policy may be stricter than two pushes a day, five a week and one about the colour in seven days; the constraints
    of push_slot allow none to be laxer.
    """

    __tablename__ = "sending_policy"
    __table_args__ = (
        CheckConstraint("pushes_a_day BETWEEN 1 AND 2", name="pushes_a_day"),
        CheckConstraint("pushes_a_week BETWEEN 1 AND 5", name="pushes_a_week"),
        CheckConstraint("smiley_days BETWEEN 7 AND 28", name="smiley_days"),
        CheckConstraint("quiet_until <= '12:00' AND quiet_from >= '16:00'", name="quiet"),
        CheckConstraint("held_until BETWEEN quiet_until AND '12:00'", name="held_until"),
        CheckConstraint("same_day_from <= quiet_until", name="same_day_from"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(unique=True)
    quiet_from: Mapped[time]
    quiet_until: Mapped[time]
    held_until: Mapped[time]
    same_day_from: Mapped[time]
    pushes_a_day: Mapped[int] = mapped_column(SmallInteger)
    pushes_a_week: Mapped[int] = mapped_column(SmallInteger)
    smiley_days: Mapped[int] = mapped_column(SmallInteger)
