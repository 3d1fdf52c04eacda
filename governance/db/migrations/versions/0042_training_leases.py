"""Leases: files of dataset versions that programs read for some hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_table(
        "training_lease",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("dataset_version", sa.Uuid, nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("program", sa.String(60), nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("ready_at", sa.DateTime),
        sa.Column("records", sa.Integer),
        sa.Column("files", sa.Integer),
        sa.Column("fingerprint", sa.String(40)),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("reason", sa.String(20)),
    )
    op.create_index("ix_training_lease_program", "training_lease", ["program", "dataset_version"])
    op.create_index("ix_training_lease_ended_at", "training_lease", ["ended_at"])
