"""The steps of the ladder, replayed deliveries, and how the channels stand."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

CHANNELS = ("push", "sms", "email", "mailbox", "paper")
STATES = "state IN ('sent', 'gone', 'rejected', 'expired', 'cancelled', 'failed', 'bundled')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _steps()
    _replays()
    _channels()
    # What the sweep and the list of what was given up ask for. Messages come in the order of their time.
    op.create_index("ix_message_created_at", "message", ["created_at"], postgresql_using="brin")
    op.create_index(
        "ix_delivery_done_dead",
        "delivery_done",
        ["finished_at", "id"],
        postgresql_where="state IN ('failed', 'rejected', 'expired')",
    )


def _steps() -> None:
    op.create_table(
        "message_step",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rung IN ('mailbox', 'sms', 'email', 'phone', 'paper')", name=op.f("ck_message_step_rung")),
        sa.CheckConstraint(
            "reason IN ('created', 'at_once', 'not_delivered', 'no_device', 'unread', 'exempt')",
            name=op.f("ck_message_step_reason"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_step_message_id")),
        sa.PrimaryKeyConstraint("message_id", "rung", name=op.f("pk_message_step")),
    )
    op.create_index("ix_message_step_phone", "message_step", ["at"], postgresql_where="rung = 'phone'")


def _replays() -> None:
    op.create_table(
        "delivery_replay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_delivery_replay_state")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_replay_message_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_delivery_replay_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_replay")),
    )
    op.create_index("ix_delivery_replay_delivery_id", "delivery_replay", ["delivery_id", "at"])
    op.create_index("ix_delivery_replay_message_id", "delivery_replay", ["message_id"])


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'closed'"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("trips", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name IN ('push', 'sms', 'email', 'mailbox', 'paper')", name=op.f("ck_channel_name")),
        sa.CheckConstraint("state IN ('closed', 'open', 'half_open')", name=op.f("ck_channel_state")),
        sa.CheckConstraint("(state = 'closed') = (probe_at IS NULL)", name=op.f("ck_channel_probe")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel")),
    )
    for name in CHANNELS:
        op.execute(f"INSERT INTO channel (name) VALUES ('{name}')")  # noqa: S608 - the names above


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_delivery_done_dead", "delivery_done")
    op.drop_index("ix_message_created_at", "message")
    for table in ("channel", "delivery_replay", "message_step"):
        op.drop_table(table)
