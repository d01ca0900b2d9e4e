"""Hours of benefit that were paid, by month: what is counted towards the handover to the jobcentre."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class BenefitMonth(Base):
    """The hours paid to a member for a month, which is its first day. A later figure replaces an earlier one."""

    __tablename__ = "benefit_month"
    __table_args__ = (
        CheckConstraint("month = date_trunc('month', month)", name="month"),
        CheckConstraint("hours BETWEEN 0 AND 250", name="hours"),
        CheckConstraint(one_of("source", "import", "staff"), name="source"),
    )

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    source: Mapped[str]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]
