"""Batches of continuous intake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "intake_batch",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("body_print", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("settled_at", sa.DateTime),
        sa.Column("read", sa.Integer, nullable=False),
        sa.Column("landed", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.UniqueConstraint("service", "key_sha256", name="uq_intake_batch_key"),
    )
