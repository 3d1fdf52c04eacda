"""The ledger: entries, nodes of the tree, witnesses' signatures, heads that people verified; receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("salt", sa.LargeBinary(32)),
        sa.Column("statement", sa.String),
        sa.Column("request_id", sa.Uuid),
    )
    op.create_index("ix_ledger_entry_request_id", "ledger_entry", ["request_id"])
    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "ledger_cosignature",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "seen_checkpoint",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "receipt",
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, sa.ForeignKey("ledger_entry.position"), nullable=False),
        sa.Column("issued_at", sa.DateTime, nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("signature", sa.LargeBinary(64)),
        sa.Column("kept_until", sa.DateTime, nullable=False),
        sa.Column("destroyed_at", sa.DateTime),
    )
    op.create_index("ix_receipt_kept_until", "receipt", ["kept_until"])
