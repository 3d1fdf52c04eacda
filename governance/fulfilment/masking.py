"""Masking names in records of others, on request: when a privacy officer has agreed, and again for what comes later.

A request starts the rule (`governance.fulfilment.standing`). `mask_due` then does everything that is due for all rules
in force: what is stored already, what was stored since, what a hold no longer keeps, what a restore brought back. A
worker calls it every minute. It is safe to repeat, and to kill: each transaction of the lake masks some records and
notes that they were looked through, and the purge afterwards is due until it has been made.

The person isn't told in how many records it was masked, nor whether a hold keeps any: that would say something about
colleagues.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import lake.masking
from governance.rounds import repeating
from lake.storage import maintenance
from lake.storage.connection import has_catalog, writer
from queries.connection import answering

ROUND_SECONDS = 60.0


def scheduled() -> AbstractContextManager[None]:
    """Mask what is due at once and every minute, for as long as the block runs."""
    return repeating.repeated("masking of names", mask_due, ROUND_SECONDS)


def mask_due() -> None:
    """Afterwards no file of the lake has a name that was due. Raises LakeUnavailable."""
    if not has_catalog():
        return
    names = answering(lake.masking.names_in_force)
    if not names or (
        not answering(lambda cursor: lake.masking.due(cursor, names)) and not answering(maintenance.purge_is_due)
    ):
        return
    with writer() as connection:
        while lake.masking.mask_some(connection, names):
            pass
        maintenance.purge_where_due(connection)
