"""The talk of a call-in takes the member's time, as their bookings do: no two overlap."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("member_time", sa.Column("call_in_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("pk_member_time"), "member_time")
    op.alter_column("member_time", "booking_id", nullable=True)
    op.create_primary_key(op.f("pk_member_time"), "member_time", ["member_id", "span"])
    op.create_unique_constraint(op.f("uq_member_time_booking_id"), "member_time", ["booking_id"])
    op.create_unique_constraint(op.f("uq_member_time_call_in_id"), "member_time", ["call_in_id"])
    op.create_foreign_key(op.f("fk_member_time_call_in_id"), "member_time", "call_in", ["call_in_id"], ["id"])
    op.create_check_constraint(op.f("ck_member_time_one"), "member_time", "num_nonnulls(booking_id, call_in_id) = 1")
    op.execute("""
        INSERT INTO member_time (call_in_id, member_id, span)
        SELECT id, member_id, tstzrange(talk_at, talk_at + interval '45 minutes') FROM call_in
        WHERE state = 'approved' AND talk_at > now() ON CONFLICT DO NOTHING
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM member_time WHERE booking_id IS NULL")
    op.drop_constraint(op.f("ck_member_time_one"), "member_time")
    op.drop_constraint(op.f("uq_member_time_booking_id"), "member_time")
    op.drop_constraint(op.f("pk_member_time"), "member_time")
    op.drop_column("member_time", "call_in_id")
    op.alter_column("member_time", "booking_id", nullable=False)
    op.create_primary_key(op.f("pk_member_time"), "member_time", ["booking_id"])
