"""What advisers decided about the CV on Jobnet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class CvDecision(Base):
    """A CV approved, or returned with what is to be better. The latest since the spell began holds; none: not seen."""

    __tablename__ = "cv_decision"
    __table_args__ = (
        CheckConstraint(one_of("verdict", "approved", "returned"), name="verdict"),
        CheckConstraint("verdict = 'approved' OR length(comment) > 0", name="comment"),
        Index("ix_cv_decision_member_id_decided_at", "member_id", "decided_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    verdict: Mapped[str]
    comment: Mapped[str | None]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime]
