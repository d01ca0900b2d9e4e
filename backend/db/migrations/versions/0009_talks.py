"""Holding and closing talks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

HISTORIES = ("talk_correction", "handover")
TABLES = (
    "talk_correction",
    "agreement",
    "talk_wish",
    "talk",
    "preparation",
    "handover",
    "registry_report",
    "benefit_month",
    "registry_stray",
)
CLOSED = """
    CREATE FUNCTION refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'closed' THEN RAISE EXCEPTION 'closed minutes do not change'; END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "registry_stray",
        sa.Column("report_no", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("report_no", name=op.f("pk_registry_stray")),
    )
    op.create_table(
        "benefit_month",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("month = date_trunc('month', month)", name=op.f("ck_benefit_month_month")),
        sa.CheckConstraint("source IN ('import', 'staff')", name=op.f("ck_benefit_month_source")),
        sa.CheckConstraint("hours BETWEEN 0 AND 250", name=op.f("ck_benefit_month_hours")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_benefit_month_member_id")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_benefit_month_set_by")),
        sa.PrimaryKeyConstraint("member_id", "month", name=op.f("pk_benefit_month")),
    )
    op.create_table(
        "registry_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("registry_no", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('booked', 'booking_ended', 'called_in', 'call_in_ended', 'talk_held')",
            name=op.f("ck_registry_report_kind"),
        ),
        sa.CheckConstraint("state <> 'failed' OR error_code IS NOT NULL", name=op.f("ck_registry_report_failed")),
        sa.CheckConstraint(
            "state <> 'given_up' OR (ended_by IS NOT NULL AND length(reason) > 0)",
            name=op.f("ck_registry_report_given_up"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'given_up')", name=op.f("ck_registry_report_state")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_registry_report_ended_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_registry_report_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_report")),
        sa.UniqueConstraint("kind", "subject_id", "revision", name=op.f("uq_registry_report_kind_subject_id_revision")),
    )
    op.create_index(
        "ix_registry_report_waiting", "registry_report", ["seq"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_index(
        "ix_registry_report_failed", "registry_report", ["seq"], unique=False, postgresql_where="state = 'failed'"
    )
    op.create_index(
        "ix_registry_report_member_id_seq",
        "registry_report",
        ["member_id", "seq"],
        unique=False,
        postgresql_where="state IN ('waiting', 'failed')",
    )
    op.create_index("ix_registry_report_sent_at", "registry_report", ["sent_at"], unique=False)
    op.create_table(
        "handover",
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_handover_member_id")),
        sa.ForeignKeyConstraint(["spell_id"], ["spell.id"], name=op.f("fk_handover_spell_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_handover_staff_id")),
        sa.PrimaryKeyConstraint("spell_id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_member_id"), "handover", ["member_id"], unique=False)
    op.create_table(
        "preparation",
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("cv_ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=True),
        sa.Column("form_filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(answers, form_version, form_filled_at) IN (0, 3)", name=op.f("ck_preparation_form")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_preparation_member_id")),
        sa.ForeignKeyConstraint(["spell_id"], ["spell.id"], name=op.f("fk_preparation_spell_id")),
        sa.PrimaryKeyConstraint("spell_id", name=op.f("pk_preparation")),
    )
    op.create_index(op.f("ix_preparation_member_id"), "preparation", ["member_id"], unique=False)
    op.create_table(
        "talk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("call_in_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("chair", sa.Text(), server_default=sa.text("'fund'"), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "agreements", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("chair IN ('fund', 'jobcentre', 'other_provider')", name=op.f("ck_talk_chair")),
        sa.CheckConstraint("form IN ('personal', 'phone', 'video', 'letter')", name=op.f("ck_talk_form")),
        sa.CheckConstraint(
            "state = 'draft' OR (num_nulls(form, held_on, closed_by, closed_at) = 0 AND cardinality(types) > 0 AND length(minutes) > 0)",
            name=op.f("ck_talk_whole"),
        ),
        sa.CheckConstraint("state IN ('draft', 'closed')", name=op.f("ck_talk_state")),
        sa.CheckConstraint("num_nonnulls(booking_id, call_in_id) = 1", name=op.f("ck_talk_one_subject")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_talk_booking_id")),
        sa.ForeignKeyConstraint(["call_in_id"], ["call_in.id"], name=op.f("fk_talk_call_in_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_talk_changed_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_talk_closed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_talk_created_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_talk_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_talk_booking_id")),
        sa.UniqueConstraint("call_in_id", name=op.f("uq_talk_call_in_id")),
    )
    op.create_index("ix_talk_member_id_held_on", "talk", ["member_id", "held_on"], unique=False)
    op.create_table(
        "talk_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("call_in_id", sa.Uuid(), nullable=True),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(wish) > 0", name=op.f("ck_talk_wish_wish")),
        sa.CheckConstraint("num_nonnulls(booking_id, call_in_id) = 1", name=op.f("ck_talk_wish_one_subject")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_talk_wish_booking_id")),
        sa.ForeignKeyConstraint(["call_in_id"], ["call_in.id"], name=op.f("fk_talk_wish_call_in_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_talk_wish_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_wish")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_talk_wish_booking_id")),
        sa.UniqueConstraint("call_in_id", name=op.f("uq_talk_wish_call_in_id")),
    )
    op.create_index("ix_talk_wish_member_id", "talk_wish", ["member_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("talk_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(owner = 'staff') = (staff_id IS NOT NULL)", name=op.f("ck_agreement_staff")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_agreement_ended")),
        sa.CheckConstraint("owner IN ('member', 'staff')", name=op.f("ck_agreement_owner")),
        sa.CheckConstraint(
            "state <> 'dropped' OR (ended_by IS NOT NULL AND length(reason) > 0)", name=op.f("ck_agreement_dropped")
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_agreement_state")),
        sa.CheckConstraint("length(what) > 0", name=op.f("ck_agreement_what")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_agreement_ended_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_agreement_member_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_agreement_staff_id")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_agreement_talk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("talk_id", "position", name=op.f("uq_agreement_talk_id_position")),
    )
    op.create_index(
        "ix_agreement_due_on",
        "agreement",
        ["due_on"],
        unique=False,
        postgresql_where="state = 'open' AND owner = 'member'",
    )
    op.create_index("ix_agreement_member_id", "agreement", ["member_id"], unique=False)
    op.create_table(
        "talk_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("talk_id", sa.Uuid(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(correction) > 0", name=op.f("ck_talk_correction_correction")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_talk_correction_staff_id")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_correction_talk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_correction")),
    )
    op.create_index("ix_talk_correction_talk_id_at", "talk_correction", ["talk_id", "at"], unique=False)
    for table in HISTORIES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(CLOSED)
    op.execute(
        "CREATE TRIGGER closed_stays BEFORE UPDATE OR DELETE ON talk FOR EACH ROW EXECUTE FUNCTION refuse_closed()"
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_closed")
