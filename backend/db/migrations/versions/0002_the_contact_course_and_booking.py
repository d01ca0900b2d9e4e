"""The contact course and booking"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("booking_history", "deadline_change")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Equality of ids inside exclusion constraints.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("to_at IS NULL OR from_at < to_at", name=op.f("ck_outage_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_table(
        "session_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("own_minutes", sa.Integer(), nullable=True),
        sa.Column("closes_hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("form IN ('personal', 'phone', 'video', 'letter')", name=op.f("ck_session_template_form")),
        sa.CheckConstraint(
            "kind IN ('talk', 'joint_talk', 'workshop', 'theme_day', 'net_cafe')", name=op.f("ck_session_template_kind")
        ),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 26", name=op.f("ck_session_template_every_weeks")),
        sa.CheckConstraint("last_on IS NULL OR last_on >= first_on", name=op.f("ck_session_template_days")),
        sa.CheckConstraint("minutes BETWEEN 10 AND 600", name=op.f("ck_session_template_minutes")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_session_template_branch_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_session_template_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_template")),
    )
    op.create_index(op.f("ix_session_template_branch_id"), "session_template", ["branch_id"], unique=False)
    op.create_index(op.f("ix_session_template_staff_id"), "session_template", ["staff_id"], unique=False)
    op.create_table(
        "staff_absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_at < to_at", name=op.f("ck_staff_absence_order")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_absence_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_absence")),
    )
    op.create_index(
        "ix_staff_absence_staff_id_to_at",
        "staff_absence",
        ["staff_id", "to_at"],
        unique=False,
        postgresql_where="cancelled_at IS NULL",
    )
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_time", sa.Time(), nullable=False),
        sa.Column("to_time", sa.Time(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("forms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("staff_id"), "="),
            (sa.column("weekday"), "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            (sa.text("int4range(extract(epoch FROM from_time)::int, extract(epoch FROM to_time)::int)"), "&&"),
            using="gist",
            name="ex_working_hours_overlap",
        ),
        sa.CheckConstraint("from_time < to_time", name=op.f("ck_working_hours_times")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_working_hours_days")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_working_hours_weekday")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_working_hours_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    op.create_index(op.f("ix_working_hours_staff_id"), "working_hours", ["staff_id"], unique=False)
    op.create_table(
        "activity_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("occurrence", sa.DateTime(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("offered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("own_minutes", sa.Integer(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("form IN ('personal', 'phone', 'video', 'letter')", name=op.f("ck_activity_session_form")),
        sa.CheckConstraint(
            "kind <> 'joint_talk' OR (own_minutes > 0 AND capacity <= 4 AND (capacity - 1) * own_minutes <= 45)",
            name=op.f("ck_activity_session_joint_wait"),
        ),
        sa.CheckConstraint(
            "kind <> 'net_cafe' OR capacity BETWEEN 2 AND 4", name=op.f("ck_activity_session_net_cafe_group")
        ),
        sa.CheckConstraint("kind <> 'talk' OR capacity = 1", name=op.f("ck_activity_session_talk_alone")),
        sa.CheckConstraint(
            "kind IN ('talk', 'joint_talk', 'workshop', 'theme_day', 'net_cafe')", name=op.f("ck_activity_session_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'cancelled', 'expired')", name=op.f("ck_activity_session_state")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_activity_session_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_activity_session_order")),
        sa.CheckConstraint("taken + held + offered <= capacity", name=op.f("ck_activity_session_seats")),
        sa.CheckConstraint("taken >= 0 AND held >= 0 AND offered >= 0", name=op.f("ck_activity_session_counters")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_activity_session_branch_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_activity_session_staff_id")),
        sa.ForeignKeyConstraint(["template_id"], ["session_template.id"], name=op.f("fk_activity_session_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_session")),
        sa.UniqueConstraint("template_id", "occurrence", name=op.f("uq_activity_session_template_id_occurrence")),
    )
    op.create_index(op.f("ix_activity_session_branch_id"), "activity_session", ["branch_id"], unique=False)
    op.create_index(op.f("ix_activity_session_staff_id"), "activity_session", ["staff_id"], unique=False)
    op.create_index(
        "ix_activity_session_starts_at",
        "activity_session",
        ["activity", "starts_at"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_calendar_feed_one_owner")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_calendar_feed_member_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calendar_feed_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index(
        "uq_calendar_feed_member_id", "calendar_feed", ["member_id"], unique=True, postgresql_where="ended_at IS NULL"
    )
    op.create_index(
        "uq_calendar_feed_staff_id", "calendar_feed", ["staff_id"], unique=True, postgresql_where="ended_at IS NULL"
    )
    op.create_table(
        "spell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("member_id"), "="),
            (sa.text("daterange(started_on, ended_on, '[]')"), "&&"),
            using="gist",
            name="ex_spell_overlap",
        ),
        sa.CheckConstraint("source IN ('import', 'staff')", name=op.f("ck_spell_source")),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name=op.f("ck_spell_order")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_spell_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spell")),
    )
    op.create_index(op.f("ix_spell_member_id"), "spell", ["member_id"], unique=False)
    op.create_table(
        "template_exception",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("moved_to", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"], ["session_template.id"], name=op.f("fk_template_exception_template_id")
        ),
        sa.PrimaryKeyConstraint("template_id", "on_day", name=op.f("pk_template_exception")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("lawful", sa.Boolean(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name=op.f("ck_booking_held")),
        sa.CheckConstraint(
            "state <> 'cancelled' OR num_nulls(cancelled_at, cancel_reason) = 0", name=op.f("ck_booking_cancelled")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'booked', 'cancelled', 'expired', 'attended', 'absent')", name=op.f("ck_booking_state")
        ),
        sa.ForeignKeyConstraint(["booked_by"], ["staff.id"], name=op.f("fk_booking_booked_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_booking_member_id")),
        sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=op.f("fk_booking_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("id", "member_id", name=op.f("uq_booking_id_member_id")),
    )
    op.create_index("ix_booking_held_until", "booking", ["held_until"], unique=False, postgresql_where="state = 'held'")
    op.create_index("ix_booking_member_id_id", "booking", ["member_id", "id"], unique=False)
    op.create_index("ix_booking_session_id", "booking", ["session_id"], unique=False)
    op.create_index(
        "uq_booking_active",
        "booking",
        ["member_id", "session_id"],
        unique=True,
        postgresql_where="state IN ('held', 'booked')",
    )
    op.create_index(
        "uq_booking_position",
        "booking",
        ["session_id", "position"],
        unique=True,
        postgresql_where="state IN ('held', 'booked')",
    )
    op.create_table(
        "clarification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("complex_challenges", sa.Boolean(), nullable=False),
        sa.Column("no_education", sa.Boolean(), nullable=False),
        sa.Column("no_dependent_children", sa.Boolean(), nullable=False),
        sa.Column("basic_it", sa.Boolean(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filled_by", sa.Uuid(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("risk IN ('low', 'high')", name=op.f("ck_clarification_risk")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_clarification_reason")),
        sa.ForeignKeyConstraint(["filled_by"], ["staff.id"], name=op.f("fk_clarification_filled_by")),
        sa.ForeignKeyConstraint(["spell_id"], ["spell.id"], name=op.f("fk_clarification_spell_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarification")),
    )
    op.create_index("ix_clarification_spell_id_filled_at", "clarification", ["spell_id", "filled_at"], unique=False)
    op.create_table(
        "obligation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("talks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("may_be_earlier", sa.Boolean(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("planned_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("proposed_due_on", sa.Date(), nullable=True),
        sa.Column("declined_due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_obligation_done")),
        sa.CheckConstraint("state <> 'cancelled' OR ended_reason IS NOT NULL", name=op.f("ck_obligation_reason")),
        sa.CheckConstraint(
            "state IN ('planned', 'booked', 'done', 'missed', 'cancelled')", name=op.f("ck_obligation_state")
        ),
        sa.CheckConstraint("window_from <= window_to AND window_from <= due_on", name=op.f("ck_obligation_order")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_obligation_member_id")),
        sa.ForeignKeyConstraint(["spell_id"], ["spell.id"], name=op.f("fk_obligation_spell_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("id", "member_id", name=op.f("uq_obligation_id_member_id")),
    )
    op.create_index("ix_obligation_member_id_due_on", "obligation", ["member_id", "due_on"], unique=False)
    op.create_index(
        "ix_obligation_open",
        "obligation",
        ["due_on", "id"],
        unique=False,
        postgresql_where="state IN ('planned', 'booked', 'missed')",
    )
    op.create_index(
        "uq_obligation_item",
        "obligation",
        ["spell_id", "activity", "occurrence"],
        unique=True,
        postgresql_where="state <> 'cancelled'",
    )
    op.create_table(
        "spell_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("plan_set", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("risk IN ('low', 'high')", name=op.f("ck_spell_plan_risk")),
        sa.CheckConstraint("set_by IS NULL OR length(reason) > 0", name=op.f("ck_spell_plan_reason")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_spell_plan_set_by")),
        sa.ForeignKeyConstraint(["spell_id"], ["spell.id"], name=op.f("fk_spell_plan_spell_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spell_plan")),
    )
    op.create_index("ix_spell_plan_spell_id", "spell_plan", ["spell_id"], unique=False)
    op.create_index(
        "uq_spell_plan_current", "spell_plan", ["spell_id"], unique=True, postgresql_where="ended_at IS NULL"
    )
    op.create_table(
        "staff_time",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("span", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("staff_id"), "="), (sa.column("span"), "&&"), using="gist", name="ex_staff_time_overlap"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=op.f("fk_staff_time_session_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_time_staff_id")),
        sa.PrimaryKeyConstraint("session_id", "staff_id", name=op.f("pk_staff_time")),
    )
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'offered') = (offer_until IS NOT NULL)", name=op.f("ck_waiting_entry_offer")),
        sa.CheckConstraint("blocked IN ('audience', 'own_time')", name=op.f("ck_waiting_entry_blocked")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'declined', 'expired', 'left', 'closed')",
            name=op.f("ck_waiting_entry_state"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_waiting_entry_member_id")),
        sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=op.f("fk_waiting_entry_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
    )
    op.create_index(
        "ix_waiting_entry_line",
        "waiting_entry",
        ["session_id", "priority", "joined_at", "id"],
        unique=False,
        postgresql_where="state IN ('waiting', 'offered')",
    )
    op.create_index(op.f("ix_waiting_entry_member_id"), "waiting_entry", ["member_id"], unique=False)
    op.create_index(
        "ix_waiting_entry_offer_until",
        "waiting_entry",
        ["offer_until"],
        unique=False,
        postgresql_where="state = 'offered'",
    )
    op.create_index(
        "uq_waiting_entry_in_line",
        "waiting_entry",
        ["session_id", "member_id"],
        unique=True,
        postgresql_where="state IN ('waiting', 'offered')",
    )
    op.create_table(
        "booking_deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'met', 'missed', 'lifted')", name=op.f("ck_booking_deadline_state")),
        sa.CheckConstraint("due_on >= told_on + 8", name=op.f("ck_booking_deadline_eight_days")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_booking_deadline_member_id")),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_booking_deadline_obligation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_deadline")),
        sa.UniqueConstraint("obligation_id", name=op.f("uq_booking_deadline_obligation_id")),
    )
    op.create_index("ix_booking_deadline_member_id", "booking_deadline", ["member_id"], unique=False)
    op.create_index(
        "ix_booking_deadline_open",
        "booking_deadline",
        ["due_on", "id"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "booking_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "event IN ('held', 'booked', 'confirmed', 'moved', 'cancelled', 'expired', 'attended', 'absent')",
            name=op.f("ck_booking_history_event"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_history_booking_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_booking_history_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_history")),
    )
    op.create_index("ix_booking_history_booking_id_at", "booking_history", ["booking_id", "at"], unique=False)
    op.create_table(
        "booking_obligation",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id", "member_id"], ["booking.id", "booking.member_id"], name="fk_booking_obligation_booking_id"
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id", "member_id"],
            ["obligation.id", "obligation.member_id"],
            name="fk_booking_obligation_obligation_id",
        ),
        sa.PrimaryKeyConstraint("booking_id", "obligation_id", name=op.f("pk_booking_obligation")),
    )
    op.create_index("ix_booking_obligation_obligation_id", "booking_obligation", ["obligation_id"], unique=False)
    op.create_table(
        "member_time",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("span", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("member_id"), "="), (sa.column("span"), "&&"), using="gist", name="ex_member_time_overlap"
        ),
        sa.ForeignKeyConstraint(
            ["booking_id", "member_id"], ["booking.id", "booking.member_id"], name="fk_member_time_booking_id"
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_member_time")),
    )
    op.create_table(
        "deadline_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outage_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('set', 'paused', 'resumed', 'extended', 'no_slot', 'outage', 'met', 'missed', 'lifted')",
            name=op.f("ck_deadline_change_kind"),
        ),
        sa.ForeignKeyConstraint(["deadline_id"], ["booking_deadline.id"], name=op.f("fk_deadline_change_deadline_id")),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name=op.f("fk_deadline_change_outage_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_deadline_change_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_change")),
    )
    op.create_index(
        "uq_deadline_change_no_slot",
        "deadline_change",
        ["deadline_id", "on_day"],
        unique=True,
        postgresql_where="kind = 'no_slot'",
    )
    op.create_index("uq_deadline_change_outage", "deadline_change", ["deadline_id", "outage_id"], unique=True)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_deadline_change_outage", table_name="deadline_change")
    op.drop_index("uq_deadline_change_no_slot", table_name="deadline_change", postgresql_where="kind = 'no_slot'")
    op.drop_table("deadline_change")
    op.drop_table("member_time")
    op.drop_index("ix_booking_obligation_obligation_id", table_name="booking_obligation")
    op.drop_table("booking_obligation")
    op.drop_index("ix_booking_history_booking_id_at", table_name="booking_history")
    op.drop_table("booking_history")
    op.drop_index("ix_booking_deadline_open", table_name="booking_deadline", postgresql_where="state = 'open'")
    op.drop_index("ix_booking_deadline_member_id", table_name="booking_deadline")
    op.drop_table("booking_deadline")
    op.drop_index(
        "uq_waiting_entry_in_line", table_name="waiting_entry", postgresql_where="state IN ('waiting', 'offered')"
    )
    op.drop_index("ix_waiting_entry_offer_until", table_name="waiting_entry", postgresql_where="state = 'offered'")
    op.drop_index(op.f("ix_waiting_entry_member_id"), table_name="waiting_entry")
    op.drop_index(
        "ix_waiting_entry_line", table_name="waiting_entry", postgresql_where="state IN ('waiting', 'offered')"
    )
    op.drop_table("waiting_entry")
    op.drop_table("staff_time")
    op.drop_index("uq_spell_plan_current", table_name="spell_plan", postgresql_where="ended_at IS NULL")
    op.drop_index("ix_spell_plan_spell_id", table_name="spell_plan")
    op.drop_table("spell_plan")
    op.drop_index("uq_obligation_item", table_name="obligation", postgresql_where="state <> 'cancelled'")
    op.drop_index(
        "ix_obligation_open", table_name="obligation", postgresql_where="state IN ('planned', 'booked', 'missed')"
    )
    op.drop_index("ix_obligation_member_id_due_on", table_name="obligation")
    op.drop_table("obligation")
    op.drop_index("ix_clarification_spell_id_filled_at", table_name="clarification")
    op.drop_table("clarification")
    op.drop_index("uq_booking_position", table_name="booking", postgresql_where="state IN ('held', 'booked')")
    op.drop_index("uq_booking_active", table_name="booking", postgresql_where="state IN ('held', 'booked')")
    op.drop_index("ix_booking_session_id", table_name="booking")
    op.drop_index("ix_booking_member_id_id", table_name="booking")
    op.drop_index("ix_booking_held_until", table_name="booking", postgresql_where="state = 'held'")
    op.drop_table("booking")
    op.drop_table("template_exception")
    op.drop_index(op.f("ix_spell_member_id"), table_name="spell")
    op.drop_table("spell")
    op.drop_index("uq_calendar_feed_staff_id", table_name="calendar_feed", postgresql_where="ended_at IS NULL")
    op.drop_index("uq_calendar_feed_member_id", table_name="calendar_feed", postgresql_where="ended_at IS NULL")
    op.drop_table("calendar_feed")
    op.drop_index("ix_activity_session_starts_at", table_name="activity_session", postgresql_where="state = 'open'")
    op.drop_index(op.f("ix_activity_session_staff_id"), table_name="activity_session")
    op.drop_index(op.f("ix_activity_session_branch_id"), table_name="activity_session")
    op.drop_table("activity_session")
    op.drop_index(op.f("ix_working_hours_staff_id"), table_name="working_hours")
    op.drop_table("working_hours")
    op.drop_index(
        "ix_staff_absence_staff_id_to_at", table_name="staff_absence", postgresql_where="cancelled_at IS NULL"
    )
    op.drop_table("staff_absence")
    op.drop_index(op.f("ix_session_template_staff_id"), table_name="session_template")
    op.drop_index(op.f("ix_session_template_branch_id"), table_name="session_template")
    op.drop_table("session_template")
    op.drop_table("outage")
