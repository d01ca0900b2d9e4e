"""Broadcasts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

APPEND_ONLY = ("message_text", "broadcast_event")
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "message_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title_da", sa.Text(), nullable=False),
        sa.Column("body_da", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_text")),
    )
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("klass", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title_da", sa.Text(), nullable=False),
        sa.Column("body_da", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("audience", JSONB, nullable=False),
        sa.Column("spread_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("valid_days", sa.SmallInteger(), nullable=False),
        sa.Column("send_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("klass IN ('R', 'S')", name=op.f("ck_broadcast_klass")),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'withdrawn', 'sending', 'paused', 'stopped', 'sent')",
            name=op.f("ck_broadcast_state"),
        ),
        sa.CheckConstraint("approved_by <> author_id", name=op.f("ck_broadcast_two_people")),
        sa.CheckConstraint(
            "(state IN ('draft', 'waiting', 'withdrawn')) = (approved_by IS NULL)",
            name=op.f("ck_broadcast_approved_before_sending"),
        ),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_broadcast_approved_at")),
        sa.CheckConstraint("spread_minutes BETWEEN 0 AND 480", name=op.f("ck_broadcast_spread")),
        sa.CheckConstraint("valid_days BETWEEN 1 AND 30", name=op.f("ck_broadcast_valid_days")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_broadcast_author_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_broadcast_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    op.create_index(
        "ix_broadcast_under_way",
        "broadcast",
        ["id"],
        unique=False,
        postgresql_where="state = 'sending' OR (state = 'stopped' AND cleared_at IS NULL)",
    )
    op.create_table(
        "broadcast_stage",
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("share", sa.Numeric(5, 2), nullable=False),
        sa.Column("pause_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("share > 0 AND share <= 100", name=op.f("ck_broadcast_stage_share")),
        sa.CheckConstraint("pause_minutes BETWEEN 0 AND 10080", name=op.f("ck_broadcast_stage_pause")),
        sa.CheckConstraint("done_at IS NULL OR begun_at IS NOT NULL", name=op.f("ck_broadcast_stage_order")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_stage_broadcast_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "number", name=op.f("pk_broadcast_stage")),
    )
    op.create_table(
        "broadcast_range",
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("stored", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id", "stage"],
            ["broadcast_stage.broadcast_id", "broadcast_stage.number"],
            name="fk_broadcast_range_stage",
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "stage", "number", name=op.f("pk_broadcast_range")),
    )
    op.create_index(
        "ix_broadcast_range_open",
        "broadcast_range",
        ["broadcast_id", "stage"],
        unique=False,
        postgresql_where="done_at IS NULL",
    )
    op.create_table(
        "broadcast_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('written', 'edited', 'submitted', 'returned', 'withdrawn', 'approved', 'stage_begun', "
            "'stage_done', 'paused', 'resumed', 'stopped', 'cleared', 'sent')",
            name=op.f("ck_broadcast_event_kind"),
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_event_broadcast_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_broadcast_event_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_event")),
    )
    op.create_index("ix_broadcast_event_broadcast_id", "broadcast_event", ["broadcast_id", "id"], unique=False)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("broadcast_event", "broadcast_range", "broadcast_stage", "broadcast", "message_text"):
        op.drop_table(table)
