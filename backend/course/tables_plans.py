"""Spells of unemployment, the plans given to them, and the dated items that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

OBLIGATION_STATES = ("planned", "booked", "done", "missed", "skipped", "cancelled")


class Spell(Base):
    """One time of unemployment; days inclusive, running without `ended_on`. No two of a member overlap, by constraint.

    `regime` is the talk regime of its first day: a spell keeps it to its end.
    """

    __tablename__ = "spell"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="order"),
        CheckConstraint(one_of("source", "import", "staff"), name="source"),
        ExcludeConstraint(
            ("member_id", "="),
            (text("daterange(started_on, ended_on, '[]')"), "&&"),
            name="ex_spell_overlap",
            using="gist",
        ),
        Index("ix_spell_unsettled", "member_id", postgresql_where="unsettled"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    regime: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]
    # Its items changed, and what follows (timeline, bookings, messages) is still to be done.
    unsettled: Mapped[bool] = mapped_column(server_default=text("true"))


class SpellPlan(Base):
    """Which plan a spell followed, from when, and who chose it why. The one without `ended_at` holds."""

    __tablename__ = "spell_plan"
    __table_args__ = (
        CheckConstraint(one_of("risk", "low", "high"), name="risk"),
        CheckConstraint("set_by IS NULL OR length(reason) > 0", name="reason"),
        Index("uq_spell_plan_current", "spell_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_spell_plan_spell_id", "spell_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    spell_id: Mapped[UUID] = mapped_column(ForeignKey("spell.id"))
    plan_set: Mapped[str]
    version: Mapped[int]
    plan: Mapped[str]
    risk: Mapped[str]
    reason: Mapped[str | None]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # When the member was told of it.
    told_at: Mapped[datetime | None]


class Clarification(Base):
    """The clarification form of the CV talk: the adviser's own judgement, which goes before the imported risk.

    `model_risk` is what the model said that day, so that it can be seen how often the two agree.
    """

    __tablename__ = "clarification"
    __table_args__ = (
        CheckConstraint(one_of("risk", "low", "high"), name="risk"),
        CheckConstraint(one_of("model_risk", "low", "high"), name="model_risk"),
        CheckConstraint("length(reason) > 0", name="reason"),
        Index("ix_clarification_spell_id_filled_at", "spell_id", "filled_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    spell_id: Mapped[UUID] = mapped_column(ForeignKey("spell.id"))
    risk: Mapped[str]
    reason: Mapped[str]
    complex_challenges: Mapped[bool]
    no_education: Mapped[bool]
    no_dependent_children: Mapped[bool]
    basic_it: Mapped[bool]
    form_version: Mapped[int] = mapped_column(server_default=text("1"))
    model_risk: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    filled_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    filled_at: Mapped[datetime]


class Obligation(Base):
    """One dated item of a spell: what, in which window, at the latest when. Unique among those not cancelled.

    `planned_due_on` is what the plan says, `due_on` what holds; `proposed_due_on` awaits an adviser's decision, as the
    last day of a statutory talk does not move by itself; `declined_due_on` was turned down and is not proposed again.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        CheckConstraint(one_of("state", *OBLIGATION_STATES), name="state"),
        CheckConstraint("window_from <= window_to AND window_from <= due_on", name="order"),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done"),
        CheckConstraint("state <> 'cancelled' OR ended_reason IS NOT NULL", name="reason"),
        UniqueConstraint("id", "member_id"),
        Index(
            "uq_obligation_item", "spell_id", "activity", "occurrence", unique=True,
            postgresql_where="state <> 'cancelled'",
        ),
        Index("ix_obligation_member_id_due_on", "member_id", "due_on"),
        Index("ix_obligation_open", "due_on", "id", postgresql_where=one_of("state", "planned", "booked", "missed")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    spell_id: Mapped[UUID] = mapped_column(ForeignKey("spell.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    activity: Mapped[str]
    occurrence: Mapped[int]
    kind: Mapped[str]
    talks: Mapped[list[str]]
    provider: Mapped[str]
    requirement: Mapped[str]
    statutory: Mapped[bool]
    audience: Mapped[str | None]
    may_be_earlier: Mapped[bool]
    window_from: Mapped[date]
    window_to: Mapped[date]
    planned_due_on: Mapped[date]
    due_on: Mapped[date]
    proposed_due_on: Mapped[date | None]
    declined_due_on: Mapped[date | None]
    state: Mapped[str]
    done_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]


class Skip(Base):
    """Staff decided, with a reason, that the member need not do an item; undone it stays, to be seen."""

    __tablename__ = "obligation_skip"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index("uq_obligation_skip_standing", "obligation_id", unique=True, postgresql_where="undone_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.id"))
    reason: Mapped[str]
    skipped_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    skipped_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None]
