"""Training exports that a privacy officer has to approve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "training_export",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("dataset_version", sa.Uuid, nullable=False),
        sa.Column("program", sa.String(60), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(200)),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False, index=True),
        sa.Column("approved_by", sa.Uuid),
        sa.Column("approved_at", sa.DateTime),
        sa.Column("ends_at", sa.DateTime),
    )
    op.create_index("ix_training_export_asked", "training_export", ["dataset_version", "program"], unique=True)
