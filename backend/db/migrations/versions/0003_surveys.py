"""Surveys"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Equality of ids inside exclusion constraints.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name_da", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("rare", sa.Boolean(), nullable=False),
        sa.Column("ends_of_series_only", sa.Boolean(), nullable=False),
        sa.Column("sampling", sa.Double(), nullable=False),
        sa.Column("minimum_per_quarter", sa.Integer(), nullable=False),
        sa.Column("split_by_colour", sa.Boolean(), nullable=False),
        sa.Column("target", sa.Double(), nullable=True),
        sa.CheckConstraint("sampling BETWEEN 0 AND 1", name=op.f("ck_survey_sampling")),
        sa.CheckConstraint("target BETWEEN 0 AND 1", name=op.f("ck_survey_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_survey_key_valid_from")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_survey_key_version")),
    )
    op.create_table(
        "survey_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_survey_policy")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_survey_policy_valid_from")),
    )
    op.create_table(
        "survey_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("text_da", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind <> 'scale' OR scale IN ('satisfied', 'agree')", name=op.f("ck_survey_question_scale")),
        sa.CheckConstraint(
            "kind IN ('scale', 'number', 'single', 'multiple', 'text')", name=op.f("ck_survey_question_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_question")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_survey_question_key_version")),
    )
    op.create_table(
        "survey_release",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counting", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_survey_release")),
    )
    op.create_table(
        "survey_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("compulsory", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("series_key", sa.Text(), nullable=True),
        sa.Column("event_key", sa.Text(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("by_code", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answered >= 5", name=op.f("ck_survey_block_five")),
        sa.CheckConstraint("event_key IS NULL OR series_key IS NOT NULL", name=op.f("ck_survey_block_event_in_series")),
        sa.CheckConstraint(
            "series_key IS NULL OR branch_id IS NOT NULL", name=op.f("ck_survey_block_series_in_branch")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_block_branch_id")),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name=op.f("fk_survey_block_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_block")),
    )
    op.create_index("ix_survey_block_event_key", "survey_block", ["event_key"], unique=False)
    op.create_index("ix_survey_block_quarter_touchpoint", "survey_block", ["quarter", "touchpoint"], unique=False)
    op.create_index("ix_survey_block_series_key", "survey_block", ["series_key"], unique=False)
    op.create_table(
        "survey_item",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name=op.f("fk_survey_item_question_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_item_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", "position", name=op.f("pk_survey_item")),
        sa.UniqueConstraint("survey_id", "question_id", name=op.f("uq_survey_item_survey_id_question_id")),
    )
    op.create_table(
        "survey_attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("series_key", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("compulsory", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'skipped') = (reason IS NOT NULL)", name=op.f("ck_survey_attendance_reason")),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_survey_attendance_decided")),
        sa.CheckConstraint("series IN ('first', 'middle', 'last', 'single')", name=op.f("ck_survey_attendance_series")),
        sa.CheckConstraint(
            "state <> 'waiting' OR member_id IS NOT NULL", name=op.f("ck_survey_attendance_waiting_member")
        ),
        sa.CheckConstraint("state IN ('waiting', 'invited', 'skipped')", name=op.f("ck_survey_attendance_state")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_attendance_branch_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_survey_attendance_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_attendance")),
        sa.UniqueConstraint(
            "member_id", "touchpoint", "occasion", name=op.f("uq_survey_attendance_member_id_touchpoint_occasion")
        ),
    )
    op.create_index("ix_survey_attendance_event", "survey_attendance", ["event_key"], unique=False)
    op.create_index("ix_survey_attendance_quarter", "survey_attendance", ["quarter", "touchpoint"], unique=False)
    op.create_index(
        "ix_survey_attendance_waiting",
        "survey_attendance",
        ["member_id", "ended_at"],
        unique=False,
        postgresql_where="state = 'waiting'",
    )
    op.create_table(
        "survey_opt_out",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_survey_opt_out_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_survey_opt_out")),
    )
    op.create_table(
        "survey_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.SmallInteger(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touchpoint_free_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("member_id"), "="),
            (sa.column("touchpoint"), "="),
            (sa.text("tstzrange(invited_at, touchpoint_free_from)"), "&&"),
            using="gist",
            name="ex_survey_invitation_touchpoint",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("member_id"), "="),
            (sa.text("tstzrange(invited_at, free_from)"), "&&"),
            using="gist",
            name="ex_survey_invitation_member",
        ),
        sa.CheckConstraint("reminded_at > invited_at", name=op.f("ck_survey_invitation_reminded")),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["survey_attendance.id"], name=op.f("fk_survey_invitation_attendance_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_survey_invitation_member_id")),
        sa.ForeignKeyConstraint(
            ["policy_version"], ["survey_policy.version"], name=op.f("fk_survey_invitation_policy_version")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_invitation_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitation")),
        sa.UniqueConstraint("attendance_id", name=op.f("uq_survey_invitation_attendance_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_survey_invitation_token_hash")),
    )
    op.create_index(
        "ix_survey_invitation_open",
        "survey_invitation",
        ["invited_at"],
        unique=False,
        postgresql_where="answered_at IS NULL AND reminded_at IS NULL",
    )
    op.create_table(
        "survey_response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_wanted", sa.Boolean(), nullable=False),
        sa.Column("contact_handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_handled_by", sa.Uuid(), nullable=True),
        sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("contact_handled_at IS NULL OR contact_wanted", name=op.f("ck_survey_response_contact")),
        sa.ForeignKeyConstraint(
            ["contact_handled_by"], ["staff.id"], name=op.f("fk_survey_response_contact_handled_by")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["survey_invitation.id"], name=op.f("fk_survey_response_invitation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_response")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_survey_response_invitation_id")),
    )
    op.create_index(
        "ix_survey_response_contact",
        "survey_response",
        ["submitted_at"],
        unique=False,
        postgresql_where="contact_wanted AND contact_handled_at IS NULL",
    )
    op.create_index(
        "ix_survey_response_submitted_at",
        "survey_response",
        ["submitted_at"],
        unique=False,
        postgresql_where="anonymised_at IS NULL",
    )
    op.create_table(
        "survey_answer",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["block_id"], ["survey_block.id"], name=op.f("fk_survey_answer_block_id")),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name=op.f("fk_survey_answer_question_id")),
        sa.ForeignKeyConstraint(["response_id"], ["survey_response.id"], name=op.f("fk_survey_answer_response_id")),
        sa.PrimaryKeyConstraint("response_id", "question_id", "code", name=op.f("pk_survey_answer")),
    )
    op.create_index("ix_survey_answer_block_id", "survey_answer", ["block_id"], unique=False)
    op.create_index(
        "ix_survey_answer_uncounted",
        "survey_answer",
        ["question_id", "response_id"],
        unique=False,
        postgresql_where="block_id IS NULL",
    )
    op.create_table(
        "survey_text",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (redacted IS NULL) AND (confirmed_at IS NULL) = (confirmed_by IS NULL)",
            name=op.f("ck_survey_text_confirmed"),
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_survey_text_confirmed_by")),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name=op.f("fk_survey_text_question_id")),
        sa.ForeignKeyConstraint(["response_id"], ["survey_response.id"], name=op.f("fk_survey_text_response_id")),
        sa.PrimaryKeyConstraint("response_id", "question_id", name=op.f("pk_survey_text")),
    )
    op.create_index(
        "ix_survey_text_unconfirmed",
        "survey_text",
        ["response_id"],
        unique=False,
        postgresql_where="confirmed_at IS NULL",
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON survey_block "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_survey_text_unconfirmed", table_name="survey_text", postgresql_where="confirmed_at IS NULL")
    op.drop_table("survey_text")
    op.drop_index("ix_survey_answer_uncounted", table_name="survey_answer", postgresql_where="block_id IS NULL")
    op.drop_index("ix_survey_answer_block_id", table_name="survey_answer")
    op.drop_table("survey_answer")
    op.drop_index(
        "ix_survey_response_submitted_at", table_name="survey_response", postgresql_where="anonymised_at IS NULL"
    )
    op.drop_index(
        "ix_survey_response_contact",
        table_name="survey_response",
        postgresql_where="contact_wanted AND contact_handled_at IS NULL",
    )
    op.drop_table("survey_response")
    op.drop_index(
        "ix_survey_invitation_open",
        table_name="survey_invitation",
        postgresql_where="answered_at IS NULL AND reminded_at IS NULL",
    )
    op.drop_table("survey_invitation")
    op.drop_table("survey_opt_out")
    op.drop_index("ix_survey_attendance_waiting", table_name="survey_attendance", postgresql_where="state = 'waiting'")
    op.drop_index("ix_survey_attendance_quarter", table_name="survey_attendance")
    op.drop_index("ix_survey_attendance_event", table_name="survey_attendance")
    op.drop_table("survey_attendance")
    op.drop_table("survey_item")
    op.drop_index("ix_survey_block_series_key", table_name="survey_block")
    op.drop_index("ix_survey_block_quarter_touchpoint", table_name="survey_block")
    op.drop_index("ix_survey_block_event_key", table_name="survey_block")
    op.drop_table("survey_block")
    op.drop_table("survey_release")
    op.drop_table("survey_question")
    op.drop_table("survey_policy")
    op.drop_table("survey")
