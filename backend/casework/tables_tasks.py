"""Tasks for people: something to do for one member by a day, that no other case holds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

TASK_OPEN = ("open", "claimed")
TASK_STATES = (*TASK_OPEN, "done", "cancelled")
TASK_OUTCOMES = ("done", "not_reached", "not_needed", "passed_on")


class Task(Base):
    """One task. (member, kind, key) happens once, whatever runs twice.

    `params` hold ids, dates and numbers, never words about a person. `staff_id` is whom it is meant for, if anybody;
    `claimed_by` who does it now.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("member_id", "kind", "key"),
        CheckConstraint(one_of("state", *TASK_STATES), name="state"),
        CheckConstraint(one_of("outcome", *TASK_OUTCOMES), name="outcome"),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_outcome"),
        CheckConstraint("(state = 'claimed') = (claimed_by IS NOT NULL)", name="claim"),
        CheckConstraint("(state IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_task_queue", "due_on", "id", postgresql_where=one_of("state", *TASK_OPEN)),
        Index("ix_task_kind_key", "kind", "key", postgresql_where=one_of("state", *TASK_OPEN)),
        Index("ix_task_staff_id", "staff_id", postgresql_where=one_of("state", *TASK_OPEN)),
        Index("ix_task_claimed_by", "claimed_by", postgresql_where="state = 'claimed'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    key: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[str]
    params: Mapped[dict[str, Any]]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    ended_reason: Mapped[str | None]
