"""Training exports with pictures are asked for, and approved, on their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

INDEX = "ix_training_export_asked"


def upgrade() -> None:
    op.add_column("training_export", sa.Column("pictures", sa.Boolean, nullable=False, server_default=sa.false()))
    op.drop_index(INDEX, "training_export")
    op.create_index(INDEX, "training_export", ["dataset_version", "program", "pictures"], unique=True)
