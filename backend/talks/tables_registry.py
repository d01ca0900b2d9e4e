"""What the shared registry of the authorities (DFDG) is to be told, in order, and what it holds that we never sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

REPORT_KINDS = ("booked", "booking_ended", "called_in", "call_in_ended", "talk_held")
REPORT_STATES = ("waiting", "sent", "failed", "given_up")
# What keeps a member's later reports back.
UNSETTLED = ("waiting", "failed")


class RegistryReport(Base):
    """One report. (kind, subject, revision) is reported once; its id is what the registry knows it by.

    A member's reports go out in the order of `seq`. `failed`: a person must look; they send it again or give it up.
    """

    __tablename__ = "registry_report"
    __table_args__ = (
        CheckConstraint(one_of("kind", *REPORT_KINDS), name="kind"),
        CheckConstraint(one_of("state", *REPORT_STATES), name="state"),
        CheckConstraint("state <> 'failed' OR error_code IS NOT NULL", name="failed"),
        CheckConstraint("state <> 'given_up' OR (ended_by IS NOT NULL AND length(reason) > 0)", name="given_up"),
        UniqueConstraint("kind", "subject_id", "revision"),
        Index("ix_registry_report_member_id_seq", "member_id", "seq", postgresql_where=one_of("state", *UNSETTLED)),
        Index("ix_registry_report_waiting", "seq", postgresql_where="state = 'waiting'"),
        Index("ix_registry_report_failed", "seq", postgresql_where="state = 'failed'"),
        Index("ix_registry_report_sent_at", "sent_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    error_code: Mapped[str | None]
    registry_no: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None]


class RegistryStray(Base):
    """What the registry holds in our name and we did not send. `gone_at`: it does not hold it any more."""

    __tablename__ = "registry_stray"

    report_no: Mapped[str] = mapped_column(primary_key=True)
    found_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
