"""What pipelines reported about runs, datasets and models, and how far MLflow servers have been read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "lineage_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("run", sa.Uuid),
        sa.Column("parent_run", sa.Uuid),
        sa.Column("job", sa.String(200)),
        sa.Column("purpose", sa.String(200)),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.DateTime),
    )
    for column in ("run", "parent_run", "job", "waiting"):
        op.create_index(f"ix_lineage_event_{column}", "lineage_event", [column])
    op.create_table(
        "lineage_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("lineage_event.id"), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("namespace", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("part", sa.String(200)),
        sa.Column("change", sa.String(10)),
        sa.Column("relation", sa.String(20)),
        sa.Column("purpose", sa.String(200)),
        sa.Column("owner", sa.String(200)),
        sa.Column("place", sa.String(200)),
        sa.Column("recipient", sa.String(200)),
        sa.Column("ended", sa.Boolean, nullable=False),
    )
    for column in ("event_id", "name"):
        op.create_index(f"ix_lineage_item_{column}", "lineage_item", [column])
    op.create_table(
        "mlflow_server",
        sa.Column("url", sa.String(500), primary_key=True),
        sa.Column("read_at", sa.DateTime),
        sa.Column("ended_until", sa.DateTime),
        sa.Column("whole_at", sa.DateTime),
    )
