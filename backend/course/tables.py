"""What was agreed and what is excused: requirement versions of Min Plan and exemptions. Dated, never overwritten."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

EXEMPTION_TYPES = (
    "ferie",
    "sygdom",
    "barsel",
    "mindre_intensiv_indsats",
    "jobrettet_uddannelse_6_uger",
    "afmeldt",
    "fuldtidsarbejde",
    "arbejdsfordeling",
    "joblog_fritaget",
    "virksomhedspraktik",
    "loentilskud",
    "afventer_tidlig_pension",
)


class SearchRequirement(Base):
    """What the member agreed to search, from a day on; the latest valid one on a day applies."""

    __tablename__ = "search_requirement"
    __table_args__ = (
        UniqueConstraint("member_id", "valid_from", "source"),
        CheckConstraint("min_per_week BETWEEN 0 AND 20", name="min_per_week"),
        CheckConstraint("min_posted_per_week BETWEEN 0 AND min_per_week", name="min_posted_per_week"),
        CheckConstraint("uploads_per_month BETWEEN 0 AND 40", name="uploads_per_month"),
        CheckConstraint(one_of("source", "import", "staff"), name="source"),
        Index("ix_search_requirement_current", "member_id", "valid_from", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    valid_from: Mapped[date]
    min_per_week: Mapped[int]
    min_posted_per_week: Mapped[int]
    uploads_per_month: Mapped[int]
    source: Mapped[str]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]


class Exemption(Base):
    """A period in which less or nothing is asked. Dates inclusive, open when `to_on` is empty; ended, never deleted."""

    __tablename__ = "exemption"
    __table_args__ = (
        CheckConstraint(one_of("type", *EXEMPTION_TYPES), name="type"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="order"),
        CheckConstraint(one_of("source", "import", "staff"), name="source"),
        Index("uq_exemption_import", "member_id", "type", "from_on", unique=True, postgresql_where="source = 'import'"),
        Index("ix_exemption_member_id_from_on", "member_id", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    type: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    source: Mapped[str]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    granted_at: Mapped[datetime]
    reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
