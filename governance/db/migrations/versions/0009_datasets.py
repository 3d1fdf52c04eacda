"""Which dataset versions are in the ledger, and in which ones a person's captures were handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "dataset_told",
        sa.Column("dataset_version", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, sa.ForeignKey("ledger_entry.position"), nullable=False),
    )
    op.add_column("access", sa.Column("dataset_version", sa.Uuid))
