"""Which programs can go on after a migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    migrations = op.create_table(
        "migrations",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("goes_with", sa.String(4), nullable=False),
    )
    op.bulk_insert(migrations, [{"number": 1, "goes_with": revision}])
