"""Drafts of the rating rule: who wrote and approved them, what was done to them, and what they would change."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of
from backend.rating.tables import COLOURS

STATES = ("draft", "waiting", "withdrawn", "published", "taken_back")
EVENTS = ("written", "edited", "tried", "submitted", "returned", "withdrawn", "approved", "taken_back")


class PolicyDraft(Base):
    """Numbers that may become a version. `author_id` is who wrote them last; nobody approves their own, by constraint.

    `edition` rises with every edit: a dry run and an approval are of one edition.
    """

    __tablename__ = "policy_draft"
    __table_args__ = (
        CheckConstraint(one_of("state", *STATES), name="state"),
        CheckConstraint("length(note) > 0", name="note"),
        CheckConstraint("approved_by <> author_id", name="two_people"),
        CheckConstraint("(state IN ('published', 'taken_back')) = (approved_by IS NOT NULL)", name="approved"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_at"),
        CheckConstraint("(approved_by IS NULL) = (published_version IS NULL)", name="published"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]
    note: Mapped[str]
    valid_from: Mapped[date]
    state: Mapped[str]
    edition: Mapped[int]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    published_version: Mapped[int | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class PolicyDraftEvent(Base):
    """What was done to a draft, when and by whom. Append-only by trigger."""

    __tablename__ = "policy_draft_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", *EVENTS), name="kind"),
        Index("ix_policy_draft_event_draft_id", "draft_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("policy_draft.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class PolicyTrial(Base):
    """A dry run of a draft on the members of a day, against the version in force then; one per draft, the latest.

    `up_to` is the member that it has come to: whoever goes on begins after them.
    """

    __tablename__ = "policy_trial"
    __table_args__ = (
        CheckConstraint(one_of("state", "running", "done"), name="state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at"),
        Index("ix_policy_trial_running", "id", postgresql_where="state = 'running'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("policy_draft.id"), unique=True)
    edition: Mapped[int]
    against: Mapped[int]
    rated_on: Mapped[date]
    state: Mapped[str]
    total: Mapped[int]
    members: Mapped[int] = mapped_column(server_default=text("0"))
    up_to: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class PolicyTrialCount(Base):
    """How many members would go from one colour to another, or keep theirs."""

    __tablename__ = "policy_trial_count"
    __table_args__ = (
        CheckConstraint(one_of("before", *COLOURS), name="before"),
        CheckConstraint(one_of("after", *COLOURS), name="after"),
    )

    trial_id: Mapped[UUID] = mapped_column(ForeignKey("policy_trial.id", ondelete="CASCADE"), primary_key=True)
    before: Mapped[str] = mapped_column(primary_key=True)
    after: Mapped[str] = mapped_column(primary_key=True)
    members: Mapped[int]


class PolicyTrialChange(Base):
    """A member who would have another colour, and the draft's reasons for it. No rating, and nothing follows."""

    __tablename__ = "policy_trial_change"
    __table_args__ = (CheckConstraint("before <> after", name="changed"),)

    trial_id: Mapped[UUID] = mapped_column(ForeignKey("policy_trial.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    before: Mapped[str]
    after: Mapped[str]
    reasons: Mapped[list[str]]
