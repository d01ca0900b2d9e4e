"""An occasion is asked about once whatever the survey; a survey says what it is asked after; "don't know" is policy."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("survey", sa.Column("after", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.execute("""UPDATE survey_policy SET numbers = numbers || '{"count_dont_know": 1}'""")
    op.drop_constraint(op.f("uq_survey_attendance_member_id_touchpoint_occasion"), "survey_attendance")
    # One that was noted for two surveys keeps both, the later by another name.
    op.execute("""
        UPDATE survey_attendance a SET occasion = occasion || ' ' || touchpoint
        WHERE EXISTS (SELECT FROM survey_attendance b
                      WHERE b.member_id = a.member_id AND b.occasion = a.occasion AND b.id < a.id)
    """)
    op.create_unique_constraint(
        op.f("uq_survey_attendance_member_id_occasion"), "survey_attendance", ["member_id", "occasion"]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("uq_survey_attendance_member_id_occasion"), "survey_attendance")
    op.create_unique_constraint(
        op.f("uq_survey_attendance_member_id_touchpoint_occasion"),
        "survey_attendance",
        ["member_id", "touchpoint", "occasion"],
    )
    op.execute("UPDATE survey_policy SET numbers = numbers - 'count_dont_know'")
    op.drop_column("survey", "after")
