"""State that must not depend on the clock: open tombstones, and which removals were reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("work", sa.Column("tombstone_open", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("sweep", sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table("swept_moment", sa.Column("at", sa.DateTime, primary_key=True))
