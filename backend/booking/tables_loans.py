"""Advisers who take talks for another branch in a week: suggested by the program, accepted by a person."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class CapacityLoan(Base):
    """So many minutes of an adviser's week (`week` is a Monday) for another branch. At most one running a week."""

    __tablename__ = "capacity_loan"
    __table_args__ = (
        CheckConstraint("extract(isodow FROM week) = 1", name="monday"),
        CheckConstraint("minutes BETWEEN 60 AND 2400", name="minutes"),
        Index("uq_capacity_loan_week", "staff_id", "week", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_capacity_loan_branch_id_week", "branch_id", "week"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    week: Mapped[date]
    minutes: Mapped[int]
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("staff_access.id"))
    accepted_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    accepted_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
