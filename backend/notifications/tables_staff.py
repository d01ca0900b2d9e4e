"""What staff are told by e-mail."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class StaffNotice(Base):
    """A notice to one person at work, once a day and key (staff_texts.py). It waits until it is sent or refused."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        UniqueConstraint("staff_id", "key", "day"),
        CheckConstraint("sent_at IS NULL OR error IS NULL", name="ended"),
        Index("ix_staff_notice_waiting", "id", postgresql_where="sent_at IS NULL AND error IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    key: Mapped[str]
    day: Mapped[date]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
