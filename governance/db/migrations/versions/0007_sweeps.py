"""The sweeps recorded in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "sweep",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("counted_until", sa.DateTime, nullable=False),
    )
