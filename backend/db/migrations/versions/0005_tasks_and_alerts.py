"""Tasks for people and alerts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SUBJECT = op.f("ck_case_history_subject")


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
    op.drop_constraint(SUBJECT, "case_history")
    op.create_check_constraint(SUBJECT, "case_history", "subject IN ('service_call', 'call_in', 'dispute', 'task')")
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


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("alert")
    # What was done to tasks goes with them; nothing else may take lines out of the history.
    op.execute("ALTER TABLE case_history DISABLE TRIGGER USER")
    op.execute("DELETE FROM case_history WHERE subject = 'task'")
    op.execute("ALTER TABLE case_history ENABLE TRIGGER USER")
    op.drop_constraint(SUBJECT, "case_history")
    op.create_check_constraint(SUBJECT, "case_history", "subject IN ('service_call', 'call_in', 'dispute')")
    op.drop_table("task")
