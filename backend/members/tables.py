"""Members, staff, branches, who may see whom, and the log of who looked."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

ROLES = ("adviser", "job_consultant", "organiser", "coordinator", "manager", "contact_centre")


class Branch(Base):
    __tablename__ = "branch"
    __table_args__ = (CheckConstraint(one_of("kind", "head_office", "satellite"), name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]


class Staff(Base):
    __tablename__ = "staff"
    __table_args__ = (CheckConstraint(one_of("role", *ROLES), name="role"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"), index=True)


class Member(Base):
    """One member with the unemployment that runs. `search_key` is the name folded for searching."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(one_of("insurance", "full", "part"), name="insurance"),
        CheckConstraint(one_of("risk", "low", "high"), name="risk"),
        Index(
            "ix_member_search_key", "search_key", postgresql_using="gin", postgresql_ops={"search_key": "gin_trgm_ops"}
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    search_key: Mapped[str]
    born_on: Mapped[date]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str]
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"), index=True)
    adviser_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    unemployed_from: Mapped[date]
    insurance: Mapped[str]
    risk: Mapped[str]
    newly_qualified: Mapped[bool]
    it_member: Mapped[bool]
    digital_exempt: Mapped[bool] = mapped_column(server_default=text("false"))


class StaffAccess(Base):
    """A member (or a whole branch) assigned or lent to staff who otherwise would not see it. Dates inclusive."""

    __tablename__ = "staff_access"
    __table_args__ = (
        CheckConstraint(one_of("kind", "assigned", "loaned"), name="kind"),
        CheckConstraint("(member_id IS NULL) <> (branch_id IS NULL)", name="one_subject"),
        CheckConstraint("kind <> 'loaned' OR length(reason) > 0", name="loan_reason"),
        Index("ix_staff_access_staff_id_member_id", "staff_id", "member_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"), index=True)
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branch.id"), index=True)
    kind: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    reason: Mapped[str]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    granted_at: Mapped[datetime]


class AccessLog(Base):
    """Who of the staff read or wrote what of whom. Append-only: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "access_log"
    __table_args__ = (
        CheckConstraint(one_of("action", "read", "write"), name="action"),
        Index("ix_access_log_member_id_at", "member_id", "at"),
        Index("ix_access_log_staff_id_at", "staff_id", "at"),
        Index("ix_access_log_at_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    action: Mapped[str]
    operation: Mapped[str]
