"""Taking captures out of the lake: the rows, their rollup and a record of it, in one transaction.

Three steps, whatever the cause. A statement of the caller names the captures that leave, in the temporary
table `leaving`. `take_out` deletes them, rolls the slices that lost some up again from what remains, and
records the counts in `removals`. What was deleted can still be read in old snapshots and old files until
`lake.storage.maintenance.purge`.
"""

from __future__ import annotations

from typing import Any

from duckdb import DuckDBPyConnection

import clock
from lake.statements import statement
from lake.storage import maintenance


def take_out(
    connection: DuckDBPyConnection,
    leaving: str,
    parameters: dict[str, Any] | None = None,
    *,
    cause: str,
) -> tuple[int, int]:
    """Take out the captures that the statement `leaving` selects, each for a request or none; call it in a transaction.

    Returns how many captures left, and of how many people. Taking out again finds nothing: safe to repeat.
    """
    connection.execute(statement(leaving), parameters or {})
    connection.execute(statement("leaving_slices"))
    [(events, people)] = connection.execute(statement("count_leaving")).fetchall()
    if events:
        maintenance.owe_purge()
        connection.execute(statement("delete_leaving"))
        connection.execute(statement("delete_slices"))
        connection.execute(statement("rebuild_slices"))
        connection.execute(statement("record_removals"), {"now": clock.now_utc(), "cause": cause})
    connection.execute("drop table temp.leaving")
    connection.execute("drop table temp.leaving_slices")
    return events, people
