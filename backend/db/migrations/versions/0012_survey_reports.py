"""Survey reports: which survey an event has, targets, what changed; activities that no branch holds; declining."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "survey_choice",
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_survey_choice_set_by")),
        sa.PrimaryKeyConstraint("place_key", name=op.f("pk_survey_choice")),
    )
    op.create_table(
        "survey_target",
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_survey_target_share")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_survey_target_set_by")),
        sa.PrimaryKeyConstraint("touchpoint", "valid_from", name=op.f("pk_survey_target")),
    )
    op.create_table(
        "survey_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_key", sa.Text(), nullable=False),
        sa.Column("da", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(da) > 0 AND length(en) > 0", name=op.f("ck_survey_change_words")),
        sa.ForeignKeyConstraint(["said_by"], ["staff.id"], name=op.f("fk_survey_change_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_change")),
    )
    op.create_index("ix_survey_change_series_key", "survey_change", ["series_key", "said_at"], unique=False)
    op.create_table(
        "survey_reading",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_survey_reading")),
    )
    op.add_column("survey", sa.Column("made_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_survey_made_by"), "survey", "staff", ["made_by"], ["id"])
    op.add_column("survey_invitation", sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("survey_response", sa.Column("reply", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_survey_response_reply"),
        "survey_response",
        "reply IS NULL OR (length(reply) > 0 AND contact_handled_at IS NOT NULL)",
    )
    # What the job team holds belongs to no branch.
    op.alter_column("survey_attendance", "branch_id", nullable=True)
    op.drop_constraint(op.f("ck_survey_block_series_in_branch"), "survey_block")
    op.create_index("ix_survey_attendance_series", "survey_attendance", ["series_key"], unique=False)
    op.create_index("ix_survey_invitation_member_id", "survey_invitation", ["member_id"], unique=False)
    op.create_index(
        "ix_booking_attendance",
        "booking",
        ["changed_at"],
        unique=False,
        postgresql_where="state IN ('attended', 'absent')",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_booking_attendance", table_name="booking")
    op.drop_index("ix_survey_invitation_member_id", table_name="survey_invitation")
    op.drop_index("ix_survey_attendance_series", table_name="survey_attendance")
    op.create_check_constraint(
        op.f("ck_survey_block_series_in_branch"), "survey_block", "series_key IS NULL OR branch_id IS NOT NULL"
    )
    op.alter_column("survey_attendance", "branch_id", nullable=False)
    op.drop_constraint(op.f("ck_survey_response_reply"), "survey_response")
    op.drop_column("survey_response", "reply")
    op.drop_column("survey_invitation", "declined_at")
    op.drop_constraint(op.f("fk_survey_made_by"), "survey")
    op.drop_column("survey", "made_by")
    op.drop_table("survey_reading")
    op.drop_table("survey_change")
    op.drop_table("survey_target")
    op.drop_table("survey_choice")
