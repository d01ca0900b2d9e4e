"""Tasks for people, alerts, and the facts that reminders go by: benefit cards, approved CVs, a deadline after a call."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Receipts 13 months; what reminds and serves a year; what may be asked for in a case as long as joblog and ratings.
RETENTION = {"receipt_days": 396, "reminder_days": 396, "service_days": 396, "notice_days": 1827}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'claimed', 'done', 'cancelled')", name=op.f("ck_task_state")),
        sa.CheckConstraint(
            "outcome IN ('done', 'not_reached', 'not_needed', 'passed_on')", name=op.f("ck_task_outcome")
        ),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name=op.f("ck_task_done_outcome")),
        sa.CheckConstraint("(state = 'claimed') = (claimed_by IS NOT NULL)", name=op.f("ck_task_claim")),
        sa.CheckConstraint("(state IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_task_ended")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_task_member_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_task_staff_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["staff.id"], name=op.f("fk_task_claimed_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_task_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("member_id", "kind", "key", name=op.f("uq_task_member_id_kind_key")),
    )
    is_open = sa.text("state IN ('open', 'claimed')")
    op.create_index("ix_task_queue", "task", ["due_on", "id"], postgresql_where=is_open)
    op.create_index("ix_task_kind_key", "task", ["kind", "key"], postgresql_where=is_open)
    op.create_index("ix_task_staff_id", "task", ["staff_id"], postgresql_where=is_open)
    op.create_index("ix_task_claimed_by", "task", ["claimed_by"], postgresql_where=sa.text("state = 'claimed'"))
    op.drop_constraint(op.f("ck_case_history_subject"), "case_history")
    op.create_check_constraint(
        op.f("ck_case_history_subject"), "case_history", "subject IN ('service_call', 'call_in', 'dispute', 'task')"
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", name=op.f("ck_alert_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_open", "alert", ["kind", "key"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_alert_opened_at", "alert", ["opened_at", "id"])
    op.create_index(
        "ix_alert_untold",
        "alert",
        ["id"],
        postgresql_where=sa.text("told_opened_at IS NULL OR told_ended_at IS NULL"),
    )
    _facts()
    _retention()


def _facts() -> None:
    op.create_table(
        "benefit_card",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("source IN ('import', 'staff')", name=op.f("ck_benefit_card_source")),
        sa.CheckConstraint("month = date_trunc('month', month)", name=op.f("ck_benefit_card_month")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_benefit_card_member_id")),
        sa.PrimaryKeyConstraint("member_id", "month", name=op.f("pk_benefit_card")),
    )
    op.create_index("ix_benefit_card_month", "benefit_card", ["month"])
    op.create_table(
        "cv_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('approved', 'returned')", name=op.f("ck_cv_decision_verdict")),
        sa.CheckConstraint("verdict = 'approved' OR length(comment) > 0", name=op.f("ck_cv_decision_comment")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_cv_decision_member_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_cv_decision_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cv_decision")),
    )
    op.create_index("ix_cv_decision_member_id_decided_at", "cv_decision", ["member_id", "decided_at"])
    op.add_column("service_call", sa.Column("fill_by", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_service_call_fill_by"), "service_call", "fill_by IS NULL OR outcome = 'agreed_plan'"
    )


def _retention() -> None:
    policy = op.create_table(
        "message_retention",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("receipt_days", sa.Integer(), nullable=False),
        sa.Column("reminder_days", sa.Integer(), nullable=False),
        sa.Column("service_days", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "least(receipt_days, reminder_days, service_days, notice_days) >= 30",
            name=op.f("ck_message_retention_days"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_message_retention")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_message_retention_valid_from")),
    )
    first = {"version": 1, "valid_from": date(2020, 1, 1)}
    op.bulk_insert(policy, [first | RETENTION])
    # Legal notices are append-only too; when their time is over, the job that keeps to the policy may delete them.
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN "
        "IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('notice', 'notice_letter', 'notice_event') "
        "AND current_setting('jobvej.retention', true) = 'on' THEN RETURN NULL; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.drop_table("message_retention")
    op.drop_constraint(op.f("ck_service_call_fill_by"), "service_call")
    op.drop_column("service_call", "fill_by")
    op.drop_table("cv_decision")
    op.drop_table("benefit_card")
    op.drop_table("alert")
    # What was done to tasks goes with them; nothing else may take lines out of the history.
    op.execute("ALTER TABLE case_history DISABLE TRIGGER USER")
    op.execute("DELETE FROM case_history WHERE subject = 'task'")
    op.execute("ALTER TABLE case_history ENABLE TRIGGER USER")
    op.drop_constraint(op.f("ck_case_history_subject"), "case_history")
    op.create_check_constraint(
        op.f("ck_case_history_subject"), "case_history", "subject IN ('service_call', 'call_in', 'dispute')"
    )
    op.drop_table("task")
