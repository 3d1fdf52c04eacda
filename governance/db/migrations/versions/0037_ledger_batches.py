"""Entries wait for their batch: which leaf of the tree an entry is, and when a batch was last added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("leaf", sa.Integer))
    op.execute("update ledger_entry set leaf = position")
    op.create_index("ix_ledger_entry_leaf", "ledger_entry", ["leaf"], unique=True)
    op.create_index("ix_ledger_entry_listed", "ledger_entry", ["public", "leaf"])
    op.drop_index("ix_ledger_entry_public", "ledger_entry", if_exists=True)
    op.create_table(
        "ledger_schedule",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed_at", sa.DateTime, nullable=False),
    )
