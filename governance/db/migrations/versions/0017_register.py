"""The newest register of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "register",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("position", sa.Integer, sa.ForeignKey("ledger_entry.position"), nullable=False),
        sa.Column("members", sa.LargeBinary(32), nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
    )
