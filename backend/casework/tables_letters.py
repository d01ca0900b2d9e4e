"""Hearings and decisions about one member, from the first word until they are sent as legal notices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

LETTER_STATES = ("draft", "sent", "withdrawn")


class CaseLetter(Base):
    """A letter that a person writes in a case; sent, it is a notice whose message has this id as its period.

    `version` rises with every change: what is sent is the version that the sender read. `author_id` is who wrote it
    last. A decision is sent by somebody else than its author, and follows a hearing or says why there was none.
    """

    __tablename__ = "case_letter"
    __table_args__ = (
        CheckConstraint(one_of("kind", "hearing", "decision"), name="kind"),
        CheckConstraint(one_of("state", *LETTER_STATES), name="state"),
        CheckConstraint("(kind = 'hearing') = (answer_by IS NOT NULL)", name="answer_by"),
        CheckConstraint(
            "kind = 'hearing' OR hearing_id IS NOT NULL OR length(without_hearing) > 0", name="heard_before"
        ),
        CheckConstraint("(state = 'sent') = (sent_by IS NOT NULL)", name="sent_by"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("kind = 'hearing' OR sent_by <> author_id", name="two_people"),
        Index("ix_case_letter_member_id", "member_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    matter: Mapped[str]
    grounds: Mapped[str]
    decision: Mapped[str]
    rules: Mapped[str]
    answer_by: Mapped[date | None]
    hearing_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_letter.id"))
    without_hearing: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime]
    returned_reason: Mapped[str | None]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[datetime | None]
