"""A person's own webhook of Slack or Teams, and what is told by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("notification_choice", sa.Column("chat", sa.String(200), nullable=False, server_default=""))
    op.add_column("notification_choice", sa.Column("chat_host", sa.String(255), nullable=True))
    op.add_column("notification_choice", sa.Column("sealed_webhook", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("to_chat", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("chat_message", sa.Uuid(), nullable=True))
        table.create_foreign_key("fk_notification_chat_message", "message", ["chat_message"], ["id"])
    op.create_index("ix_notification_to_chat", "notification", ["to_chat"])
    op.create_index("ix_notification_chat_message", "notification", ["chat_message"])
