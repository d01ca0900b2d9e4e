"""Legal notices: what was written, the letter itself, and everything that happened to it. Nothing here ever changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

# Who or what brought the notice: a rule of the program, the member's own booking, or a person's decision.
ORIGINS = ("called_in", "self_booked", "rule", "decision")
EVENTS = (
    "created",
    "rendered",
    "available",
    "announced",
    "undelivered",
    "opened",
    "downloaded",
    "posted",
    "returned",
    "explanation",
    "contact",
    "cancelled",
)


class Notice(Base):
    """A legal notice to one member: the text as it was written, and by which versions. Append-only by trigger.

    `content` is the whole letter as data (see compose.py), in `language`. `recipient` holds the name and number that
    it was written to. No author means that a rule wrote it; the approver is the named person who let it go.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(one_of("origin", *ORIGINS), name="origin"),
        CheckConstraint(one_of("language", "da", "en"), name="language"),
        CheckConstraint("origin IN ('rule', 'self_booked') OR approved_by IS NOT NULL", name="approver"),
        CheckConstraint("(consequence IS NULL) = (consequence_version IS NULL)", name="consequence"),
        Index("ix_notice_member_id", "member_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    template: Mapped[str]
    template_version: Mapped[int] = mapped_column(SmallInteger)
    consequence: Mapped[str | None]
    consequence_version: Mapped[int | None] = mapped_column(SmallInteger)
    language: Mapped[str]
    recipient: Mapped[dict[str, Any]]
    origin: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    digital_exempt: Mapped[bool]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class NoticeLetter(Base):
    """The notice as PDF/A: made once, kept as it was sent. Append-only by trigger.

    `layout` and `program` are what turned the content into these bytes.
    """

    __tablename__ = "notice_letter"
    __table_args__ = (CheckConstraint("size = octet_length(pdf)", name="size"),)

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    layout: Mapped[str]
    program: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    rendered_at: Mapped[datetime]


class NoticeEvent(Base):
    """Something that happened to a notice: append-only by trigger. A repeat of (notice, kind, key) adds nothing.

    `key` tells apart what may happen more than once: the delivery that it is about, or the note that a person wrote.
    """

    __tablename__ = "notice_event"
    __table_args__ = (
        UniqueConstraint("notice_id", "kind", "key"),
        CheckConstraint(one_of("kind", *EVENTS), name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"))
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(server_default=text("''"))
    at: Mapped[datetime]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class DigitalGuidance(Base):
    """A member was guided on digital communication with the fund: when, how, by whom. Append-only by trigger."""

    __tablename__ = "digital_guidance"
    __table_args__ = (
        CheckConstraint(one_of("how", "app", "talk", "phone", "letter"), name="how"),
        Index("ix_digital_guidance_member_id", "member_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]
    how: Mapped[str]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
