"""Spells and plans wired."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Members who are there already get their spells from the job that plans courses: plans are no data of ours here."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("spell", sa.Column("unsettled", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_index("ix_spell_unsettled", "spell", ["member_id"], postgresql_where="unsettled")
    op.add_column("spell_plan", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("clarification", sa.Column("form_version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("clarification", sa.Column("model_risk", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_clarification_model_risk"), "clarification", "model_risk IN ('low', 'high')")
    op.create_table(
        "my_plan_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("job_goals", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("effort_areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("search_strategy", sa.Text(), nullable=False),
        sa.Column("plan_a", sa.Text(), nullable=True),
        sa.Column("plan_b", sa.Text(), nullable=True),
        sa.Column("plan_c", sa.Text(), nullable=True),
        sa.Column("requirement_id", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_my_plan_version_number")),
        sa.CheckConstraint(
            "acknowledged_at IS NULL OR acknowledged_at >= written_at", name=op.f("ck_my_plan_version_order")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_my_plan_version_member_id")),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["search_requirement.id"], name=op.f("fk_my_plan_version_requirement_id")
        ),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_my_plan_version_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_my_plan_version")),
        sa.UniqueConstraint("member_id", "number", name=op.f("uq_my_plan_version_member_id_number")),
    )
    op.create_index("ix_my_plan_version_member_id_valid_from", "my_plan_version", ["member_id", "valid_from", "number"])


def downgrade() -> None:
    op.drop_table("my_plan_version")
    op.drop_constraint(op.f("ck_clarification_model_risk"), "clarification")
    op.drop_column("clarification", "model_risk")
    op.drop_column("clarification", "form_version")
    op.drop_column("spell_plan", "told_at")
    op.drop_index("ix_spell_unsettled", "spell")
    op.drop_column("spell", "unsettled")
