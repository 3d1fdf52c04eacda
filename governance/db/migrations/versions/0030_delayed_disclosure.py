"""Other systems may have an access shown later, for a legal reason. Entries of before have no delay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("access", sa.Column("delay_reason", sa.String(120)))
    op.add_column("access", sa.Column("disclosed_at", sa.DateTime))
