"""Talks as they are held: drafts and closed minutes, what was agreed, how the member prepared, the handover."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

CHAIRS = ("fund", "jobcentre", "other_provider")
TALK_FORMS = ("personal", "phone", "video", "letter")


class Talk(Base):
    """One talk of a booking or a call-in. A trigger refuses every change of a closed one: see TalkCorrection.

    `version` rises with each saving and is the draft's ETag. `agreements` are those of the draft; on closing each
    becomes a row of its own.
    """

    __tablename__ = "talk"
    __table_args__ = (
        CheckConstraint("num_nonnulls(booking_id, call_in_id) = 1", name="one_subject"),
        CheckConstraint(one_of("state", "draft", "closed"), name="state"),
        CheckConstraint(one_of("chair", *CHAIRS), name="chair"),
        CheckConstraint(one_of("form", *TALK_FORMS), name="form"),
        CheckConstraint(
            "state = 'draft' OR (num_nulls(form, held_on, closed_by, closed_at) = 0 AND cardinality(types) > 0"
            " AND length(minutes) > 0)",
            name="whole",
        ),
        UniqueConstraint("booking_id"),
        UniqueConstraint("call_in_id"),
        Index("ix_talk_member_id_held_on", "member_id", "held_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"))
    call_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_in.id"))
    state: Mapped[str] = mapped_column(server_default=text("'draft'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    chair: Mapped[str] = mapped_column(server_default=text("'fund'"))
    form: Mapped[str | None]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    held_on: Mapped[date | None]
    minutes: Mapped[str] = mapped_column(server_default=text("''"))
    agreements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(), server_default=text("'[]'"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]


class TalkCorrection(Base):
    """What is put right in closed minutes, beside them. Append-only by trigger."""

    __tablename__ = "talk_correction"
    __table_args__ = (
        CheckConstraint("length(correction) > 0", name="correction"),
        Index("ix_talk_correction_talk_id_at", "talk_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID] = mapped_column(ForeignKey("talk.id"))
    correction: Mapped[str]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Agreement(Base):
    """Who does what by when, from closed minutes. The member's own are ended here, those of staff by their task."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("talk_id", "position"),
        CheckConstraint(one_of("owner", "member", "staff"), name="owner"),
        CheckConstraint("(owner = 'staff') = (staff_id IS NOT NULL)", name="staff"),
        CheckConstraint(one_of("state", "open", "done", "dropped"), name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("state <> 'dropped' OR (ended_by IS NOT NULL AND length(reason) > 0)", name="dropped"),
        CheckConstraint("length(what) > 0", name="what"),
        Index("ix_agreement_member_id", "member_id"),
        Index("ix_agreement_due_on", "due_on", postgresql_where="state = 'open' AND owner = 'member'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID] = mapped_column(ForeignKey("talk.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    position: Mapped[int]
    owner: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    ended_at: Mapped[datetime | None]
    # Nobody of the staff: the member ticked it off.
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None]


class Preparation(Base):
    """What the member has ready before the first talk of a spell, by their own word, and the form they filled in."""

    __tablename__ = "preparation"
    __table_args__ = (CheckConstraint("num_nonnulls(answers, form_version, form_filled_at) IN (0, 3)", name="form"),)

    spell_id: Mapped[UUID] = mapped_column(ForeignKey("spell.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    cv_ready_at: Mapped[datetime | None]
    plan_drafted_at: Mapped[datetime | None]
    answers: Mapped[dict[str, Any] | None]
    form_version: Mapped[int | None]
    form_filled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class TalkWish(Base):
    """What the member wishes to talk about; with `shared` the jobcentre may see it before a joint talk."""

    __tablename__ = "talk_wish"
    __table_args__ = (
        CheckConstraint("num_nonnulls(booking_id, call_in_id) = 1", name="one_subject"),
        CheckConstraint("length(wish) > 0", name="wish"),
        UniqueConstraint("booking_id"),
        UniqueConstraint("call_in_id"),
        Index("ix_talk_wish_member_id", "member_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"))
    call_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_in.id"))
    wish: Mapped[str]
    shared: Mapped[bool]
    changed_at: Mapped[datetime]


class Handover(Base):
    """A member handed over to the jobcentre, with the packet as it was then. Never changed, by trigger."""

    __tablename__ = "handover"

    spell_id: Mapped[UUID] = mapped_column(ForeignKey("spell.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    handed_on: Mapped[date]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    packet: Mapped[dict[str, Any]]
