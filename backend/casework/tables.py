"""Service calls, call-ins, disputes and other follow-up tasks: states with history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of

CALL_OPEN = ("open", "claimed", "suspended")
CALL_STATES = (*CALL_OPEN, "done", "closed")
CALL_OUTCOMES = ("agreed_plan", "misregistered", "exempt", "needs_help", "not_reached")
ATTEMPT_RESULTS = ("no_answer", "busy", "wrong_number", "reached")
CALL_IN_OPEN = ("proposed", "approved")
CALL_IN_STATES = (*CALL_IN_OPEN, "rejected", "cancelled", "held", "no_show")
DISPUTE_STATES = ("open", "upheld", "dismissed", "withdrawn")
_NEVER = text("'infinity'")


class ServiceCall(Base):
    """The call that a yellow colour brings. At most one open per member, by the partial unique index.

    `call_at` is the time that the member chose; nobody is handed the call before `not_before` (the next try, or just
    ahead of the chosen time). `fill_by`: the last day, agreed in the call, to fill in the job log.
    """

    __tablename__ = "service_call"
    __table_args__ = (
        CheckConstraint(one_of("state", *CALL_STATES), name="state"),
        CheckConstraint(one_of("queue", "branch", "contact_centre"), name="queue"),
        CheckConstraint(one_of("outcome", *CALL_OUTCOMES), name="outcome"),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_outcome"),
        CheckConstraint("(state = 'claimed') = (claimed_by IS NOT NULL)", name="claim"),
        CheckConstraint("fill_by IS NULL OR outcome = 'agreed_plan'", name="fill_by"),
        Index("uq_service_call_open", "member_id", unique=True, postgresql_where=one_of("state", *CALL_OPEN)),
        Index("uq_service_call_rating_id", "rating_id", unique=True),
        Index("ix_service_call_queue", "due_on", "id", postgresql_where=one_of("state", "open", "claimed")),
        Index("ix_service_call_member_id_completed_on", "member_id", "completed_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    rating_id: Mapped[UUID | None] = mapped_column(ForeignKey("rating.id"))
    queue: Mapped[str]
    fast: Mapped[bool]
    state: Mapped[str]
    due_on: Mapped[date]
    call_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    fill_by: Mapped[date | None]
    opened_at: Mapped[datetime]
    completed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]


class CallAttempt(Base):
    """One time that somebody rang."""

    __tablename__ = "call_attempt"
    __table_args__ = (CheckConstraint(one_of("result", *ATTEMPT_RESULTS), name="result"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"), index=True)
    at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    result: Mapped[str]


class CallIn(Base):
    """A call-in: a proposal with its evidence until a named person decides. At most one open per member.

    `due_on` is the day by which somebody should have decided, and after an approval the day of the talk.
    """

    __tablename__ = "call_in"
    __table_args__ = (
        CheckConstraint(one_of("state", *CALL_IN_STATES), name="state"),
        CheckConstraint("state = 'proposed' OR state = 'cancelled' OR decided_by IS NOT NULL", name="decided_by"),
        CheckConstraint("state <> 'rejected' OR length(decision_reason) > 0", name="rejection_reason"),
        CheckConstraint("(state = 'held') = (held_on IS NOT NULL)", name="held"),
        Index("uq_call_in_open", "member_id", unique=True, postgresql_where=one_of("state", *CALL_IN_OPEN)),
        Index("uq_call_in_rating_id", "rating_id", unique=True),
        Index("ix_call_in_queue", "proposed_at", "id", postgresql_where=one_of("state", *CALL_IN_OPEN)),
        Index("ix_call_in_member_id_held_on", "member_id", "held_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    rating_id: Mapped[UUID | None] = mapped_column(ForeignKey("rating.id"))
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(server_default=_NEVER)
    flagged_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    talk_at: Mapped[datetime | None]
    talk_place: Mapped[str | None]
    held_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class Dispute(Base):
    """The member says that a rating is wrong; an adviser answers by `due_on` with the same evidence before them."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint(one_of("state", *DISPUTE_STATES), name="state"),
        CheckConstraint("(state IN ('upheld', 'dismissed')) = (answer IS NOT NULL)", name="answer"),
        Index("uq_dispute_open", "member_id", unique=True, postgresql_where="state = 'open'"),
        Index("ix_dispute_queue", "opened_at", "id", postgresql_where="state = 'open'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"))
    state: Mapped[str]
    text: Mapped[str]
    opened_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(server_default=_NEVER)
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]


class CaseHistory(Base):
    """What happened to a case of one of these kinds, by whom, from which state to which. Append-only by trigger."""

    __tablename__ = "case_history"
    __table_args__ = (
        CheckConstraint(one_of("subject", "service_call", "call_in", "dispute", "task", "letter"), name="subject"),
        Index("ix_case_history_subject_id_at", "subject_id", "at"),
        Index("ix_case_history_member_id_at", "member_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    event: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    detail: Mapped[dict[str, Any]]
