"""Erasures that wait for a day before they start, as their owner chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.add_column("request", sa.Column("starts_at", sa.DateTime, nullable=True))
    op.add_column("request", sa.Column("waits", sa.Boolean, nullable=False, server_default=sa.false()))
