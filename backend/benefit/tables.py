"""What the fund knows of benefit cards: which member has sent which month's."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class BenefitCard(Base):
    """A benefit card that was sent; `month` is its first day. One that is missing has no row."""

    __tablename__ = "benefit_card"
    __table_args__ = (
        CheckConstraint(one_of("source", "import", "staff"), name="source"),
        CheckConstraint("month = date_trunc('month', month)", name="month"),
        Index("ix_benefit_card_month", "month"),
    )

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    sent_on: Mapped[date]
    source: Mapped[str]
