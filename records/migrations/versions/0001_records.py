"""Records, their outbox, people, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "records",
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("caller_number", sa.String(32), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("agent_id", sa.Text),
        sa.Column("offered_at", sa.Double, nullable=False),
        sa.Column("kept_at", sa.Double, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_records"),
        sa.UniqueConstraint("call_id", name="uq_records_call_id"),
    )
    op.create_index("ix_records_offered_at_record_id", "records", ["offered_at", "record_id"])
    op.create_index("ix_records_caller_number_offered_at", "records", ["caller_number", "offered_at"])
    op.create_table(
        "outbox",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.Double, nullable=False),
        sa.Column("settled_at", sa.Double),
        sa.Column("last_error", sa.Text),
        sa.Column("stored_as", sa.Text),
        sa.PrimaryKeyConstraint("call_id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["call_id"], ["records.call_id"], name="fk_outbox_call_id"),
    )
    op.create_index("ix_outbox_state_next_attempt_at", "outbox", ["state", "next_attempt_at"])
    op.create_index("ix_outbox_state_created_at", "outbox", ["state", "created_at"])
    op.create_table(
        "people",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("skills", sa.Text, nullable=False),
        sa.Column("languages", sa.Text, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("username", name="uq_people_username"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def downgrade() -> None:
    """There is nothing before this."""
    raise NotImplementedError("the first tables are not taken away: delete the database instead")
