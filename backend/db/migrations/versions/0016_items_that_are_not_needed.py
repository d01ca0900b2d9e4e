"""Items of a course that staff decided are not needed, each with its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BEFORE = "state IN ('planned', 'booked', 'done', 'missed', 'cancelled')"
AFTER = "state IN ('planned', 'booked', 'done', 'missed', 'skipped', 'cancelled')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _states(AFTER)
    op.create_table(
        "obligation_skip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("skipped_by", sa.Uuid(), nullable=False),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_obligation_skip_reason")),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_obligation_skip_undone")),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_obligation_skip_obligation_id")),
        sa.ForeignKeyConstraint(["skipped_by"], ["staff.id"], name=op.f("fk_obligation_skip_skipped_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_obligation_skip_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_skip")),
    )
    op.create_index(
        "uq_obligation_skip_standing", "obligation_skip", ["obligation_id"], unique=True,
        postgresql_where="undone_at IS NULL",
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "UPDATE obligation SET state = 'cancelled', ended_reason = 'skipped', ended_at = now() WHERE state = 'skipped'"
    )
    op.drop_table("obligation_skip")
    _states(BEFORE)


def _states(allowed: str) -> None:
    op.drop_constraint(op.f("ck_obligation_state"), "obligation")
    op.create_check_constraint(op.f("ck_obligation_state"), "obligation", allowed)
