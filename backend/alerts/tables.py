"""What is wrong with the running of the house, for those who answer for it. Nothing about persons."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class Alert(Base):
    """One thing that is wrong, from when until when. At most one open per (kind, key), by the partial unique index.

    `told_opened_at` and `told_ended_at` say when it was sent on; `claimed_until` is the lease of whoever sends it now.
    """

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", name="order"),
        Index("uq_alert_open", "kind", "key", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_alert_opened_at", "opened_at", "id"),
        Index("ix_alert_untold", "id", postgresql_where="told_opened_at IS NULL OR told_ended_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    params: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    told_opened_at: Mapped[datetime | None]
    told_ended_at: Mapped[datetime | None]
