"""Texts that people wrote to many members: data, and not of the catalogue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class MessageText(Base):
    """Title and body in both languages. Messages name it in their param `broadcast`. Append-only by trigger."""

    __tablename__ = "message_text"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title_da: Mapped[str]
    body_da: Mapped[str]
    title_en: Mapped[str]
    body_en: Mapped[str]
    created_at: Mapped[datetime]
