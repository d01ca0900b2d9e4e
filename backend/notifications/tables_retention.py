"""How long messages are kept: dated versions, one row each."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base


class MessageRetention(Base):
    """Days that things are kept from when they were made; the latest version that is valid applies.

    `receipt_days`: how pushes and the like ended. `reminder_days` and `service_days`: messages of classes R and S with
    their inbox entries. `notice_days`: legal notices, at the least; one of a case that runs is kept as long as that.
    """

    __tablename__ = "message_retention"
    __table_args__ = (
        CheckConstraint("least(receipt_days, reminder_days, service_days, notice_days) >= 30", name="days"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(unique=True)
    receipt_days: Mapped[int]
    reminder_days: Mapped[int]
    service_days: Mapped[int]
    notice_days: Mapped[int]
