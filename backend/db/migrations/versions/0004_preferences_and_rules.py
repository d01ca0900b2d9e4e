"""Preferences, channels and slots of pushes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

CHANNELS = "channel IN ('push', 'sms', 'email', 'mailbox', 'paper')"
STATES = "'sent', 'gone', 'rejected', 'expired', 'cancelled', 'failed'"
KEY = "(message_id, channel, device_id)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _open_channels()
    _ladder()
    _slots()
    _preferences()
    _policy()


def _open_channels() -> None:
    """A delivery is no longer a push alone: other channels have no device."""
    op.alter_column("delivery", "device_id", nullable=True)
    op.alter_column("delivery_done", "device_id", nullable=True)
    for table in ("delivery", "delivery_done"):
        op.drop_constraint(f"uq_{table}_message_id_device_id", table)
        name = f"uq_{table}_message_id_channel_device_id"
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE NULLS NOT DISTINCT {KEY}")
        op.create_check_constraint(op.f(f"ck_{table}_channel"), table, CHANNELS)
    op.create_check_constraint(op.f("ck_delivery_device"), "delivery", "(channel = 'push') = (device_id IS NOT NULL)")
    op.drop_constraint("ck_delivery_done_state", "delivery_done")
    op.create_check_constraint(op.f("ck_delivery_done_state"), "delivery_done", f"state IN ({STATES}, 'bundled')")
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.create_index("ix_delivery_due", "delivery", ["channel", "due_at"], postgresql_where="state = 'due'")


def _ladder() -> None:
    op.add_column("message", sa.Column("rung", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("message", sa.Column("next_rung_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("carrier_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_message_carrier_id"), "message", "message", ["carrier_id"], ["id"])
    op.create_index("ix_message_next_rung_at", "message", ["next_rung_at"], postgresql_where="next_rung_at IS NOT NULL")
    op.create_index("ix_message_carrier_id", "message", ["carrier_id"], postgresql_where="carrier_id IS NOT NULL")


def _slots() -> None:
    op.create_table(
        "push_slot",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_slot", sa.SmallInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("week_slot", sa.SmallInteger(), nullable=False),
        sa.Column("smiley", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("member_id"), "="),
            (sa.text("daterange(day, day + 7)"), "&&"),
            using="gist",
            where="smiley",
            name="ex_push_slot_smiley",
        ),
        sa.CheckConstraint("day_slot BETWEEN 1 AND 2", name=op.f("ck_push_slot_day_slot")),
        sa.CheckConstraint("week_slot BETWEEN 1 AND 5", name=op.f("ck_push_slot_week_slot")),
        sa.CheckConstraint(
            "extract(isodow FROM week) = 1 AND day BETWEEN week AND week + 6", name=op.f("ck_push_slot_week")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_push_slot_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_push_slot")),
        sa.UniqueConstraint("member_id", "day", "day_slot", name=op.f("uq_push_slot_member_id_day_day_slot")),
        sa.UniqueConstraint("member_id", "week", "week_slot", name=op.f("uq_push_slot_member_id_week_week_slot")),
    )
    op.create_index("ix_push_slot_day", "push_slot", ["day"])


def _preferences() -> None:
    op.create_table(
        "notification_preference",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('push', 'sms', 'email')", name=op.f("ck_notification_preference_channel")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_notification_preference_member_id")),
        sa.PrimaryKeyConstraint("member_id", "category", "channel", name=op.f("pk_notification_preference")),
    )
    op.create_table(
        "notification_setting",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("announce_by", sa.Text(), server_default=sa.text("'push'"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quiet_from BETWEEN '16:00' AND '20:00'", name=op.f("ck_notification_setting_quiet_from")),
        sa.CheckConstraint("quiet_until BETWEEN '08:00' AND '12:00'", name=op.f("ck_notification_setting_quiet_until")),
        sa.CheckConstraint("announce_by IN ('push', 'sms', 'email')", name=op.f("ck_notification_setting_announce_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_notification_setting_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_notification_setting")),
    )


def _policy() -> None:
    op.create_table(
        "sending_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("held_until", sa.Time(), nullable=False),
        sa.Column("same_day_from", sa.Time(), nullable=False),
        sa.Column("pushes_a_day", sa.SmallInteger(), nullable=False),
        sa.Column("pushes_a_week", sa.SmallInteger(), nullable=False),
        sa.Column("smiley_days", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("pushes_a_day BETWEEN 1 AND 2", name=op.f("ck_sending_policy_pushes_a_day")),
        sa.CheckConstraint("pushes_a_week BETWEEN 1 AND 5", name=op.f("ck_sending_policy_pushes_a_week")),
        sa.CheckConstraint("smiley_days BETWEEN 7 AND 28", name=op.f("ck_sending_policy_smiley_days")),
        sa.CheckConstraint("quiet_until <= '12:00' AND quiet_from >= '16:00'", name=op.f("ck_sending_policy_quiet")),
        sa.CheckConstraint("held_until BETWEEN quiet_until AND '12:00'", name=op.f("ck_sending_policy_held_until")),
        sa.CheckConstraint("same_day_from <= quiet_until", name=op.f("ck_sending_policy_same_day_from")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_sending_policy")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_sending_policy_valid_from")),
    )
    op.execute("INSERT INTO sending_policy VALUES (1, '2000-01-01', '20:00', '08:00', '08:30', '07:00', 2, 5, 7)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("sending_policy", "notification_setting", "notification_preference", "push_slot"):
        op.drop_table(table)
    op.drop_column("message", "carrier_id")
    op.drop_column("message", "next_rung_at")
    op.drop_column("message", "rung")
    _pushes_alone()


def _pushes_alone() -> None:
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.create_index("ix_delivery_due", "delivery", ["due_at"], postgresql_where="state = 'due'")
    op.execute("UPDATE delivery_done SET state = 'cancelled' WHERE state = 'bundled'")
    op.drop_constraint("ck_delivery_done_state", "delivery_done")
    op.create_check_constraint(op.f("ck_delivery_done_state"), "delivery_done", f"state IN ({STATES})")
    op.drop_constraint("ck_delivery_device", "delivery")
    for table in ("delivery", "delivery_done"):
        op.execute(f"DELETE FROM {table} WHERE device_id IS NULL")  # noqa: S608 - the two names above
        op.drop_constraint(f"ck_{table}_channel", table)
        op.drop_constraint(f"uq_{table}_message_id_channel_device_id", table)
        op.create_unique_constraint(f"uq_{table}_message_id_device_id", table, ["message_id", "device_id"])
        op.alter_column(table, "device_id", nullable=False)
