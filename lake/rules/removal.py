"""Removes captures from the lake: the rows, their rollup and a record of it, in one transaction.

Whatever the cause, statements of the caller first select what to remove: captures into the temporary table `leaving`,
and the people of whom everything goes into `people_leaving`. `remove_captures` then deletes them, recomputes the rollup
of the slices affected from what remains, and records the counts in `removals`. Deleted captures remain readable in old
snapshots and files until `lake.storage.maintenance.purge`.
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
    people: str = "no_people_leaving",
) -> tuple[int, int]:
    """Remove the captures that the statement `leaving` selects, each for a request or none, and all of the people that
    the statement `people` selects; call it in a transaction.

    Returns how many captures were removed, and of how many people. A second call finds nothing: safe to repeat.
    """
    connection.execute(statement(people))
    connection.execute(statement(leaving), parameters or {})
    connection.execute(statement("leaving_slices"))
    [(events, owners)] = connection.execute(statement("count_leaving")).fetchall()
    if events:
        maintenance.mark_purge_due()
        connection.execute(statement("delete_indirect"))
        if connection.execute("select 1 from people_leaving limit 1").fetchall():
            connection.execute(statement("delete_indirect_of_people"))
        connection.execute(statement("delete_leaving"))
        maintenance.renew_slices(connection)
        connection.execute(statement("record_removals"), {"now": clock.now_utc(), "cause": cause})
    for table in ("people_leaving", "leaving", "leaving_slices"):
        connection.execute(f"drop table temp.{table}")
    return events, owners
