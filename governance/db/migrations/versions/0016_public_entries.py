"""Public entries of the ledger: which entry lists a dataset version, and with which root."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_ledger_entry_public", "ledger_entry", ["public", "position"])
    op.add_column("dataset_told", sa.Column("listed", sa.Integer))
    op.add_column("dataset_told", sa.Column("root", sa.String(64)))
