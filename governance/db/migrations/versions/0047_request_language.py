"""The language in which a request was filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.add_column("request", sa.Column("language", sa.String(5), nullable=True))
