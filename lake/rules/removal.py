"""Removes captures from the lake: the rows, their rollup and a record of it, in one transaction.

Whatever the cause, a statement of the caller first selects the captures to remove into the temporary table `leaving`.
`remove_captures` then deletes them, recomputes the rollup of the slices affected from what remains, and records the
counts in `removals`. Deleted captures remain readable in old snapshots and files until
`lake.storage.maintenance.purge`.
"""

from __future__ import annotations

from typing import Any

from duckdb import DuckDBPyConnection

import clock
from lake.statements import statement
from lake.storage import maintenance


def remove_captures(
    connection: DuckDBPyConnection,
    leaving: str,
    parameters: dict[str, Any] | None = None,
    *,
    cause: str,
) -> tuple[int, int]:
    """Remove the captures that the statement `leaving` selects, each for a request or none; call it in a transaction.

    Returns how many captures were removed, and of how many people. A second call finds nothing: safe to repeat.
    """
    connection.execute(statement(leaving), parameters or {})
    connection.execute(statement("leaving_slices"))
    [(events, people)] = connection.execute(statement("count_leaving")).fetchall()
    if events:
        maintenance.mark_purge_due()
        connection.execute(statement("delete_leaving"))
        connection.execute(statement("delete_indirect"))
        connection.execute(statement("delete_slices"))
        connection.execute(statement("rebuild_slices"))
        connection.execute(statement("record_removals"), {"now": clock.now_utc(), "cause": cause})
    connection.execute("drop table temp.leaving")
    connection.execute("drop table temp.leaving_slices")
    return events, people
