"""The job log: entries, their history, their documents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

STATUSES = ("planned", "applied", "interview", "rejected", "hired", "withdrawn")
CHANNELS = ("posted", "unsolicited", "network", "agency", "contacted")
HOURS = ("full", "part")


class JobLogEntry(Base):
    """One application. `logged_at` is server time, never changed; `withdrawn_at` is the member's undoable delete.

    `duplicate_key` is a 64-bit hash of employer and title, trimmed and case-folded (NULL without employer), so that the
    rating compares numbers; `version` rises with each change and is its ETag. `import_hash` is a hash of the row
    as it was last imported: while the export repeats that row, the import leaves what was edited since then alone.
    """

    __tablename__ = "job_log_entry"
    __table_args__ = (
        CheckConstraint(one_of("status", *STATUSES), name="status"),
        CheckConstraint(one_of("channel", *CHANNELS), name="channel"),
        CheckConstraint(one_of("hours", *HOURS), name="hours"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint(one_of("source", "app", "import"), name="source"),
        CheckConstraint("employer <> '' OR title <> ''", name="something"),
        Index("ix_job_log_entry_member_id_applied_on", "member_id", "applied_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    external_no: Mapped[str | None] = mapped_column(unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    applied_on: Mapped[date]
    logged_at: Mapped[datetime]
    logged_on: Mapped[date]
    status: Mapped[str]
    channel: Mapped[str]
    hours: Mapped[str]
    country: Mapped[str] = mapped_column(server_default=text("'DK'"))
    postcode: Mapped[str]
    employer: Mapped[str]
    title: Mapped[str]
    has_document: Mapped[bool]
    duplicate_key: Mapped[int | None] = mapped_column(BigInteger)
    import_hash: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))


class JobLogHistory(Base):
    """Every change of an entry after it was made, with before and after. Append-only by trigger."""

    __tablename__ = "job_log_history"
    __table_args__ = (
        CheckConstraint(one_of("actor_kind", "member", "staff", "import"), name="actor_kind"),
        Index("ix_job_log_history_entry_id_at", "entry_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("job_log_entry.id"))
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    event: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class Document(Base):
    """An application that was uploaded. The bytes lie in the document store under `storage_key`, never here."""

    __tablename__ = "document"
    __table_args__ = (CheckConstraint("size BETWEEN 1 AND 10485760", name="size"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("job_log_entry.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    storage_key: Mapped[str] = mapped_column(unique=True)
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
