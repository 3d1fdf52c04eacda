"""What dates ruled out before an erasure removed the records, whose days are gone afterwards; and runs that went on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("work", sa.Column("made_before", sa.DateTime))
    # When a run ended that went on afterwards is not known: such runs are worked out again.
    op.execute(
        """
        update lineage_event set waiting = true, failures = 0, retry_at = null
        where run in (
            select run from lineage_event where run is not null group by run
            having max(case when state in ('START', 'RUNNING') then at end)
                > max(case when state in ('COMPLETE', 'FAIL', 'ABORT') then at end)
        )
        """
    )
