"""OpenDSR: requests from controllers, callbacks, notices to processors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "controller_request",
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), primary_key=True),
        sa.Column("controller", sa.String(253), nullable=False),
        sa.Column("subject_request_id", sa.Uuid, nullable=False),
        sa.Column("subject_request_type", sa.String(20), nullable=False),
        sa.Column("regulation", sa.String(20), nullable=False),
        sa.Column("submitted_at", sa.DateTime, nullable=False),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("expected_at", sa.DateTime, nullable=False),
        sa.Column("callback_urls", sa.JSON, nullable=False),
        sa.UniqueConstraint("controller", "subject_request_id"),
    )
    op.create_table(
        "status_callback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("controller_request.request_id"), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("told_event", sa.Integer, nullable=False),
        sa.Column("told_status", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_index("ix_status_callback_request_id", "status_callback", ["request_id"])
    op.create_index("ix_status_callback_ended_at", "status_callback", ["ended_at"])
    op.create_table(
        "processor_notice",
        sa.Column("subject_request_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime),
        sa.Column("acknowledgement", sa.JSON),
        sa.Column("status", sa.JSON),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("ask_at", sa.DateTime),
        sa.UniqueConstraint("request_id", "domain"),
    )
    for column in ("request_id", "state", "ask_at"):
        op.create_index(f"ix_processor_notice_{column}", "processor_notice", [column])
