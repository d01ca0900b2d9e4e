"""Hearings and decisions that people write."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BEFORE = "subject IN ('service_call', 'call_in', 'dispute', 'task')"
AFTER = "subject IN ('service_call', 'call_in', 'dispute', 'task', 'letter')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _subjects(AFTER)
    op.create_table(
        "case_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("hearing_id", sa.Uuid(), nullable=True),
        sa.Column("without_hearing", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_reason", sa.Text(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('hearing', 'decision')", name=op.f("ck_case_letter_kind")),
        sa.CheckConstraint("state IN ('draft', 'sent', 'withdrawn')", name=op.f("ck_case_letter_state")),
        sa.CheckConstraint("(kind = 'hearing') = (answer_by IS NOT NULL)", name=op.f("ck_case_letter_answer_by")),
        sa.CheckConstraint(
            "kind = 'hearing' OR hearing_id IS NOT NULL OR length(without_hearing) > 0",
            name=op.f("ck_case_letter_heard_before"),
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_by IS NOT NULL)", name=op.f("ck_case_letter_sent_by")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_case_letter_sent_at")),
        sa.CheckConstraint("kind = 'hearing' OR sent_by <> author_id", name=op.f("ck_case_letter_two_people")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_case_letter_member_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["case_letter.id"], name=op.f("fk_case_letter_hearing_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_case_letter_author_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_case_letter_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_letter")),
    )
    op.create_index("ix_case_letter_member_id", "case_letter", ["member_id", "id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("case_letter")
    op.execute("ALTER TABLE case_history DISABLE TRIGGER USER")
    op.execute("DELETE FROM case_history WHERE subject = 'letter'")
    op.execute("ALTER TABLE case_history ENABLE TRIGGER USER")
    _subjects(BEFORE)


def _subjects(allowed: str) -> None:
    op.drop_constraint(op.f("ck_case_history_subject"), "case_history")
    op.create_check_constraint(op.f("ck_case_history_subject"), "case_history", allowed)
