"""The language in which a person's e-mail is written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.add_column("notification_choice", sa.Column("language", sa.String(5), nullable=True))
