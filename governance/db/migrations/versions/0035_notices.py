"""Notices of capture policies: which the ledger has, and who read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "notice_told",
        sa.Column("notice", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, sa.ForeignKey("ledger_entry.position"), nullable=False),
    )
    op.create_table(
        "notice_read",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("notice", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=False),
    )
