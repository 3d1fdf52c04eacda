"""The newest snapshot seen of each further shard of the lake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_table(
        "lake_shard",
        sa.Column("lake", sa.String(36), primary_key=True),
        sa.Column("snapshot", sa.BigInteger, nullable=False),
    )
