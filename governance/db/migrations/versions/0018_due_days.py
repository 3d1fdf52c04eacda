"""Deadlines are days where the person works. Earlier requests keep theirs, whose day was counted in UTC."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

UNKNOWN = "1970-01-01"


def upgrade() -> None:
    op.add_column("request", sa.Column("zone", sa.String(60), nullable=False, server_default="UTC"))
    op.add_column("request", sa.Column("due_on", sa.Date, nullable=False, server_default=UNKNOWN))
    op.add_column("request", sa.Column("first_due_on", sa.Date, nullable=False, server_default=UNKNOWN))
    op.execute("update request set due_on = date(due_at), first_due_on = date(first_due_at)")
