"""Views of people's data in other systems, as those report them, and when each system was last heard of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    with op.batch_alter_table("access") as access:
        access.add_column(sa.Column("reported_by", sa.String(60)))
        access.add_column(sa.Column("reported_at", sa.DateTime))
        access.add_column(sa.Column("system", sa.String(60)))
        access.add_column(sa.Column("action", sa.String(20)))
        access.add_column(sa.Column("reason", sa.String(120)))
        access.add_column(sa.Column("ticket", sa.String(40)))
        access.add_column(sa.Column("report", sa.LargeBinary))
    op.create_index("ix_access_report", "access", ["report"], unique=True)
    op.create_table(
        "access_system",
        sa.Column("system", sa.String(60), primary_key=True),
        sa.Column("first_heard", sa.DateTime, nullable=False),
        sa.Column("last_heard", sa.DateTime, nullable=False),
    )
