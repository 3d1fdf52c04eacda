"""What each recorder last said about itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "recorder",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("service", sa.String(60), primary_key=True),
        sa.Column("device", sa.String(60), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("first_heard_at", sa.DateTime, nullable=False),
        sa.Column("heard_at", sa.DateTime, nullable=False, index=True),
    )
