"""What is promised about models that learned from withdrawn captures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "model_plan",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("model_version", sa.Uuid, nullable=False),
        sa.Column("plan", sa.String(20), nullable=False),
        sa.Column("promised", sa.Date),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ledger_entry", sa.Integer, nullable=False),
    )
    op.create_index("ix_model_plan_model_version", "model_plan", ["model_version"])
