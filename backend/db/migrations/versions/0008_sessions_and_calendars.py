"""Sessions and calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

HISTORIES = ("session_history", "calendar_history")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jobcentre", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(jobcentre) > 0 AND length(name) > 0", name=op.f("ck_partner_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    for table in ("activity_session", "session_template"):
        op.add_column(table, sa.Column("partner_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_partner_id"), table, "partner", ["partner_id"], ["id"])
        op.create_index(op.f(f"ix_{table}_partner_id"), table, ["partner_id"])
    op.execute(
        "ALTER TABLE activity_session ADD CONSTRAINT ex_activity_session_partner EXCLUDE USING gist "
        "(partner_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state = 'open' AND partner_id IS NOT NULL)"
    )
    op.create_table(
        "session_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("num_nonnulls(session_id, template_id) = 1", name=op.f("ck_session_history_one_subject")),
        sa.CheckConstraint(
            "event IN ('created', 'changed', 'cancelled', 'ended', 'exception')", name=op.f("ck_session_history_event")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=op.f("fk_session_history_session_id")),
        sa.ForeignKeyConstraint(["template_id"], ["session_template.id"], name=op.f("fk_session_history_template_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_session_history_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_history")),
    )
    op.create_index("ix_session_history_session_id_at", "session_history", ["session_id", "at"])
    op.create_index("ix_session_history_template_id_at", "session_history", ["template_id", "at"])
    op.create_table(
        "calendar_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("event IN ('hours', 'away', 'back')", name=op.f("ck_calendar_history_event")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calendar_history_staff_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_calendar_history_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_history")),
    )
    op.create_index("ix_calendar_history_staff_id_at", "calendar_history", ["staff_id", "at"])
    for table in HISTORIES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in HISTORIES:
        op.drop_table(table)
    op.drop_constraint("ex_activity_session_partner", "activity_session")
    for table in ("session_template", "activity_session"):
        op.drop_index(op.f(f"ix_{table}_partner_id"), table)
        op.drop_constraint(op.f(f"fk_{table}_partner_id"), table)
        op.drop_column(table, "partner_id")
    op.drop_table("partner")
