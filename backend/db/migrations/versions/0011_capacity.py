"""Advisers lent to other branches."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "capacity_loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_capacity_loan_monday")),
        sa.CheckConstraint("minutes BETWEEN 60 AND 2400", name=op.f("ck_capacity_loan_minutes")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_capacity_loan_staff_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_capacity_loan_branch_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["staff_access.id"], name=op.f("fk_capacity_loan_grant_id")),
        sa.ForeignKeyConstraint(["accepted_by"], ["staff.id"], name=op.f("fk_capacity_loan_accepted_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_capacity_loan_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_loan")),
    )
    op.create_index(
        "uq_capacity_loan_week",
        "capacity_loan",
        ["staff_id", "week"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_capacity_loan_branch_id_week", "capacity_loan", ["branch_id", "week"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("capacity_loan")
