"""Drafts of the rating rule with their dry runs, and the access log by time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0015"
down_revision = "0014"

COLOURS = "('none', 'green', 'yellow', 'red', 'paused')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _drafts()
    _trials()
    op.create_index("ix_access_log_at_id", "access_log", ["at", "id"])


def _drafts() -> None:
    op.create_table(
        "policy_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("numbers", JSONB, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'withdrawn', 'published', 'taken_back')", name=op.f("ck_policy_draft_state")
        ),
        sa.CheckConstraint("length(note) > 0", name=op.f("ck_policy_draft_note")),
        sa.CheckConstraint("approved_by <> author_id", name=op.f("ck_policy_draft_two_people")),
        sa.CheckConstraint(
            "(state IN ('published', 'taken_back')) = (approved_by IS NOT NULL)", name=op.f("ck_policy_draft_approved")
        ),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_policy_draft_approved_at")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (published_version IS NULL)", name=op.f("ck_policy_draft_published")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_policy_draft_author_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_policy_draft_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft")),
        sa.UniqueConstraint("published_version", name=op.f("uq_policy_draft_published_version")),
    )
    op.create_table(
        "policy_draft_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("detail", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('written', 'edited', 'tried', 'submitted', 'returned', 'withdrawn', 'approved', 'taken_back')",
            name=op.f("ck_policy_draft_event_kind"),
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_draft_event_draft_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_policy_draft_event_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft_event")),
    )
    op.create_index("ix_policy_draft_event_draft_id", "policy_draft_event", ["draft_id", "id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_draft_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _trials() -> None:
    op.create_table(
        "policy_trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("up_to", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_policy_trial_state")),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_policy_trial_done_at")),
        sa.ForeignKeyConstraint(["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_trial_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_trial")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_policy_trial_draft_id")),
    )
    op.create_index("ix_policy_trial_running", "policy_trial", ["id"], postgresql_where="state = 'running'")
    op.create_table(
        "policy_trial_count",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"before IN {COLOURS}", name=op.f("ck_policy_trial_count_before")),
        sa.CheckConstraint(f"after IN {COLOURS}", name=op.f("ck_policy_trial_count_after")),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["policy_trial.id"], name=op.f("fk_policy_trial_count_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trial_id", "before", "after", name=op.f("pk_policy_trial_count")),
    )
    op.create_table(
        "policy_trial_change",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reasons", ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("before <> after", name=op.f("ck_policy_trial_change_changed")),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["policy_trial.id"], name=op.f("fk_policy_trial_change_trial_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_policy_trial_change_member_id")),
        sa.PrimaryKeyConstraint("trial_id", "member_id", name=op.f("pk_policy_trial_change")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_access_log_at_id", "access_log")
    for table in ("policy_trial_change", "policy_trial_count", "policy_trial", "policy_draft_event", "policy_draft"):
        op.drop_table(table)
