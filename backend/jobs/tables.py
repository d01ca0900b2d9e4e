"""The run ledger: what should run, what ran, and each batch of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class JobRun(Base):
    """One run of one job at one scheduled time. (job, scheduled_for) is unique, so of many clocks one wins."""

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "scheduled_for"),
        CheckConstraint(one_of("state", "running", "done", "failed"), name="state"),
        Index("ix_job_run_running", "job", postgresql_where="state = 'running'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job: Mapped[str]
    scheduled_for: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=text("'running'"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    batches: Mapped[int]
    result: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class JobBatch(Base):
    """One batch of a run: done once, in the same transaction as its work."""

    __tablename__ = "job_batch"
    __table_args__ = (Index("ix_job_batch_open", "run_id", postgresql_where="done_at IS NULL"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("job_run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    error: Mapped[str | None]


class JobFailure(Base):
    """A member that a batch had to leave out, so that the others could go on. Tried again next run."""

    __tablename__ = "job_failure"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("job_run.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    error: Mapped[str]
    at: Mapped[datetime]
