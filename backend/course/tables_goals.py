"""Min Plan: what the member aims at and how, in versions that the member acknowledges."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class MyPlanVersion(Base):
    """One version, in force from a day until the next one is. Never changed, but acknowledged once.

    `requirement_id` is what the member is to search from that day: the rating goes by the same row.
    """

    __tablename__ = "my_plan_version"
    __table_args__ = (
        UniqueConstraint("member_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("acknowledged_at IS NULL OR acknowledged_at >= written_at", name="order"),
        Index("ix_my_plan_version_member_id_valid_from", "member_id", "valid_from", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    number: Mapped[int]
    valid_from: Mapped[date]
    job_goals: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    effort_areas: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    search_strategy: Mapped[str]
    plan_a: Mapped[str | None]
    plan_b: Mapped[str | None]
    plan_c: Mapped[str | None]
    requirement_id: Mapped[UUID | None] = mapped_column(ForeignKey("search_requirement.id"))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
