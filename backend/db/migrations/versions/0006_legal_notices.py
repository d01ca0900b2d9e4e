"""Legal notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

TABLES = ("notice", "notice_letter", "notice_event", "digital_guidance")
# A finished delivery has one end: its id serves as the event's.
KEEP_RECEIPTS = """
CREATE FUNCTION keep_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notice_event (id, notice_id, kind, key, at, detail)
    SELECT d.id, n.id,
        CASE WHEN d.state NOT IN ('sent', 'bundled') THEN 'undelivered' WHEN d.channel = 'mailbox' THEN 'available'
             WHEN d.channel = 'paper' THEN 'posted' ELSE 'announced' END,
        CAST(d.id AS text), d.finished_at,
        jsonb_build_object('channel', d.channel, 'state', d.state, 'receipt', d.provider_id, 'error', d.last_error,
                           'attempts', d.attempts, 'due', d.due_at)
    FROM done d JOIN notice n ON n.message_id = d.message_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.SmallInteger(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=True),
        sa.Column("consequence_version", sa.SmallInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("recipient", JSONB, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("digital_exempt", sa.Boolean(), nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('called_in', 'self_booked', 'rule', 'decision')", name=op.f("ck_notice_origin")),
        sa.CheckConstraint("language IN ('da', 'en')", name=op.f("ck_notice_language")),
        sa.CheckConstraint(
            "origin IN ('rule', 'self_booked') OR approved_by IS NOT NULL", name=op.f("ck_notice_approver")
        ),
        sa.CheckConstraint("(consequence IS NULL) = (consequence_version IS NULL)", name=op.f("ck_notice_consequence")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_notice_message_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_notice_member_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_notice_author_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_notice_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
    )
    op.create_index("ix_notice_member_id", "notice", ["member_id", "id"], unique=False)
    op.create_table(
        "notice_letter",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size = octet_length(pdf)", name=op.f("ck_notice_letter_size")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_letter_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice_letter")),
    )
    # A PDF is compressed already.
    op.execute("ALTER TABLE notice_letter ALTER COLUMN pdf SET STORAGE EXTERNAL")
    op.create_table(
        "notice_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('created', 'rendered', 'available', 'announced', 'undelivered', 'opened', 'downloaded', "
            "'posted', 'returned', 'explanation', 'contact', 'cancelled')",
            name=op.f("ck_notice_event_kind"),
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_event_notice_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_event_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_event")),
        sa.UniqueConstraint("notice_id", "kind", "key", name=op.f("uq_notice_event_notice_id_kind_key")),
    )
    op.create_table(
        "digital_guidance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("how IN ('app', 'talk', 'phone', 'letter')", name=op.f("ck_digital_guidance_how")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_digital_guidance_member_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_digital_guidance_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digital_guidance")),
    )
    op.create_index("ix_digital_guidance_member_id", "digital_guidance", ["member_id", "at"], unique=False)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(KEEP_RECEIPTS)
    op.execute(
        "CREATE TRIGGER keep_receipts AFTER INSERT ON delivery_done REFERENCING NEW TABLE AS done "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_receipts()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER keep_receipts ON delivery_done")
    op.execute("DROP FUNCTION keep_receipts()")
    for table in reversed(TABLES):
        op.drop_table(table)
