"""What people are told, what they chose, and the messages that carry it. What happened before isn't told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import clock

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.Uuid, nullable=True, index=True),
        sa.Column("week", sa.Date, nullable=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.DateTime, nullable=True),
        sa.Column("ended_at", sa.DateTime, nullable=True, index=True),
        sa.Column("sent", sa.Boolean, nullable=False),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("in_app", sa.Boolean, nullable=False),
        sa.Column("to_mail", sa.Boolean, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=True),
        sa.Column("message", sa.Uuid, sa.ForeignKey("message.id"), nullable=True, index=True),
        sa.UniqueConstraint("subject", "kind", "about"),
    )
    op.create_index("ix_notification_subject_at", "notification", ["subject", "at"])
    op.create_index("ix_notification_to_mail", "notification", ["to_mail"])
    op.create_table(
        "notification_choice",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("app", sa.String(200), nullable=False),
        sa.Column("mail", sa.String(200), nullable=False),
        sa.Column("chosen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "digest",
        sa.Column("week", sa.Date, primary_key=True),
        sa.Column("counts", sa.JSON, nullable=False),
    )
    told = op.create_table(
        "told_until",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    assert told is not None
    if op.get_bind().execute(sa.text("select max(position) from ledger_entry")).scalar() is not None:
        for name, newest in (
            ("requests", "select max(id) from request_event"),
            ("accesses", "select max(id) from access"),
            ("policies", "select max(position) from notice_told"),
            ("violations", "select 0"),
        ):
            position = op.get_bind().execute(sa.text(newest)).scalar() or 0
            op.bulk_insert(told, [{"name": name, "position": position, "at": clock.now_utc()}])
    op.add_column("recorder", sa.Column("told_silent_at", sa.DateTime, nullable=True))
