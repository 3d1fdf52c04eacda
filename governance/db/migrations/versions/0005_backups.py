"""Existing backups, and until when their key parts are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("folder", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("key_part_until", sa.Date, nullable=False),
        sa.Column("destroyed_at", sa.DateTime),
    )
