"""Of whom something of a body waits, so that several workers can store it; NULL: of anybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.add_column("intake_batch", sa.Column("slots", sa.JSON))
