"""Which key in its key service is the home's own, for machines that join."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
goes_with = "0051"


def upgrade() -> None:
    op.add_column("home", sa.Column("key_service", sa.String(32), nullable=True))
