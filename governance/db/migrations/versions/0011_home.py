"""Which home and lake this database belongs to, and the keys that have signed for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "home",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("home", sa.String(36), nullable=False),
        sa.Column("lake", sa.String(36), nullable=False),
        sa.Column("snapshot", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("since", sa.DateTime, nullable=False),
    )
