"""What the member sees happen and must do."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class TimelineItem(Base):
    """One thing on the member's timeline. (member, kind, key) is unique, so a repeated run adds nothing.

    `at` places it; `due_at` is a deadline; `needs_action` until `done_at`. Text is made from kind and params when read.
    """

    __tablename__ = "timeline_item"
    __table_args__ = (
        UniqueConstraint("member_id", "kind", "key"),
        Index("ix_timeline_item_member_id_at_id", "member_id", "at", "id"),
        Index("ix_timeline_item_open", "member_id", postgresql_where="needs_action AND done_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    params: Mapped[dict[str, Any]]
    needs_action: Mapped[bool] = mapped_column(server_default=text("false"))
    done_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
