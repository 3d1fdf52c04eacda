"""Notes that their writer lets the deciding privacy officer read; no earlier one may be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("request", sa.Column("note_shared", sa.Boolean, nullable=False, server_default=sa.false()))
