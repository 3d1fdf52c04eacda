"""What dates ruled out before an erasure removed the records, whose days are gone afterwards; and all runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("work", sa.Column("made_before", sa.DateTime))
    # Whether a run went on after its end, and when the ledger had a manifest's root, counts now: each run is worked
    # out again.
    op.execute("update lineage_event set waiting = true, failures = 0, retry_at = null where run is not null")
