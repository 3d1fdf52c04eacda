"""Lifecycle: decisions and extensions, notes, previews kept with the request, the access log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for column in (
        sa.Column("first_due_at", sa.DateTime, nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("awaits_decision", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rule_stands", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("sealed_note", sa.LargeBinary),
        sa.Column("previewed", sa.JSON),
    ):
        op.add_column("request", column)
    op.execute("update request set first_due_at = due_at")
    op.create_table(
        "request_decision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
    )
    op.create_index("ix_request_decision_request_id", "request_decision", ["request_id"])
    op.create_table(
        "hold_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hold", sa.Uuid, nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("change", sa.String(10), nullable=False),
        sa.Column("terms", sa.JSON, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("done_at", sa.DateTime),
    )
    op.create_index("ix_hold_change_done_at", "hold_change", ["done_at"])
    op.create_table(
        "access",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("actor", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
    )
    op.create_index("ix_access_subject_at", "access", ["subject", "at"])
