"""The access logs are anchored in the ledger. Entries of before are in the first anchor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("access", sa.Column("anchor", sa.Integer))
    op.create_index("ix_access_anchor", "access", ["anchor"])
    op.create_table(
        "access_anchor",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("position", sa.Integer, sa.ForeignKey("ledger_entry.position"), nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "access_chain",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=False),
    )
