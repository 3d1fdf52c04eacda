"""Work: which workflow works on a request, and the progress of an erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.id"), primary_key=True),
        sa.Column("workflow", sa.String(50)),
        sa.Column("cleared", sa.Boolean, nullable=False),
        sa.Column("key_print", sa.String(32)),
    )
    op.create_index("ix_work_workflow", "work", ["workflow"])
