"""Whose an entry is that waits for the ledger, and notifications counted per person: neither the places of a batch nor
the number of a notification say what others did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("whose", sa.LargeBinary(8), nullable=True))
    op.add_column("notification", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "update notification set number = "
        "(select count(*) from notification earlier"
        " where earlier.subject = notification.subject and earlier.id <= notification.id)"
    )
