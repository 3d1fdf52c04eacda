"""Notes that two privacy officers let each other read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "note_opening",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), nullable=False, index=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("approved_by", sa.Uuid),
        sa.Column("approved_at", sa.DateTime),
        sa.Column("ends_at", sa.DateTime),
    )
