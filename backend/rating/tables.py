"""Ratings: the policy versions, every rating given, the one that holds now, and overrides."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

COLOURS = ("none", "green", "yellow", "red", "paused")


class RatingPolicy(Base):
    """A version of the rule's numbers, with the day from which it applies. Never changed once it applies."""

    __tablename__ = "rating_policy"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(unique=True)
    numbers: Mapped[dict[str, Any]]
    note: Mapped[str]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime]


class Rating(Base):
    """One rating with the figures behind it. Of the weekly kind there is one per member and day, by constraint.

    `evidence` is what an explanation needs: the weeks, what counted, what did not and why, exempt days.
    """

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint(one_of("mode", "weekly", "event"), name="mode"),
        CheckConstraint(one_of("colour", *COLOURS), name="colour"),
        CheckConstraint(one_of("previous", *COLOURS), name="previous"),
        Index("uq_rating_weekly", "member_id", "rated_on", unique=True, postgresql_where="mode = 'weekly'"),
        Index("ix_rating_member_id_rated_at_id", "member_id", "rated_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    mode: Mapped[str]
    rated_on: Mapped[date]
    rated_at: Mapped[datetime]
    colour: Mapped[str]
    previous: Mapped[str]
    counted: Mapped[int]
    required: Mapped[int]
    due_days: Mapped[int]
    trailing_zero_weeks: Mapped[int]
    reasons: Mapped[list[str]]
    actions: Mapped[list[str]]
    policy_version: Mapped[int] = mapped_column(ForeignKey("rating_policy.version"))
    evidence: Mapped[dict[str, Any]]
    corrected_at: Mapped[datetime | None]


class RatingCurrent(Base):
    """The colour that holds now, one row per member: the triage list reads this table.

    `urgency` orders colours (red 0, yellow 1, none 2, green 3, paused 4); `trend` is this week's ratio less last week's
    (negative is worse); `deadline` is the earliest day that something is owed to the member ('infinity' if nothing is).
    `ratios` are the last weekly ratios in per cent, newest last, for the small chart.
    """

    __tablename__ = "rating_current"
    __table_args__ = (
        CheckConstraint(one_of("colour", *COLOURS), name="colour"),
        Index("ix_rating_current_triage", "deadline", "urgency", "trend", "since", "member_id"),
        Index("ix_rating_current_stale", "member_id", postgresql_where="stale"),
    )

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    rating_id: Mapped[UUID | None] = mapped_column(ForeignKey("rating.id"))
    colour: Mapped[str] = mapped_column(server_default=text("'none'"))
    urgency: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    since: Mapped[date]
    rated_on: Mapped[date | None]
    counted: Mapped[int] = mapped_column(server_default=text("0"))
    required: Mapped[int] = mapped_column(server_default=text("0"))
    reasons: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    trend: Mapped[float] = mapped_column(REAL, server_default=text("0"))
    ratios: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{}'"))
    deadline: Mapped[date] = mapped_column(server_default=text("'infinity'"))
    stale: Mapped[bool] = mapped_column(server_default=text("false"))


class RatingOverride(Base):
    """A caseworker's colour with an end date (inclusive) and a reason. The latest that is not ended applies."""

    __tablename__ = "rating_override"
    __table_args__ = (
        CheckConstraint(one_of("colour", "green", "yellow", "red"), name="colour"),
        CheckConstraint("length(reason) > 0", name="reason"),
        Index("uq_rating_override_running", "member_id", unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    colour: Mapped[str]
    until: Mapped[date]
    reason: Mapped[str]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
