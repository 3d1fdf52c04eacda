"""How much services have sent, and which names they were the first to use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "service_use",
        sa.Column("service", sa.String(100), primary_key=True),
        sa.Column("span", sa.String(10), primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("runs", sa.Integer, nullable=False),
    )
    op.create_table(
        "service_name",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
    )
    op.create_index("ix_service_name_service_kind", "service_name", ["service", "kind"])
