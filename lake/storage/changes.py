"""Which tables the snapshots of the lake changed, as DuckLake notes it."""

from __future__ import annotations

import re
from collections.abc import Collection

from duckdb import DuckDBPyConnection

from lake.statements import about

MOST_SNAPSHOTS = 1_000
"""Of more, it isn't looked up what each changed."""
CHANGE = re.compile(r"(\w+):(\d+)")
OF_ROWS = frozenset({"inserted_into_table", "deleted_from_table", "inlined_insert", "inlined_delete"})
OF_FILES = frozenset({"merge_adjacent", "rewrite_delete", "flushed_inlined"})
"""They write the same rows to other files."""


def table_numbers(names: Collection[str], connection: DuckDBPyConnection, database: str = "lake") -> frozenset[int]:
    """DuckLake's numbers of these tables."""
    rows = connection.execute(about(database, "table_numbers"), {"names": sorted(names)}).fetchall()
    return frozenset(number for (number,) in rows)


def may_concern(
    tables: Collection[int], after: int, until: int, connection: DuckDBPyConnection, database: str = "lake"
) -> bool:
    """Whether rows of these tables may be others in snapshot `until` than in snapshot `after`. Also true if that can't
    be known: some snapshots between them have expired, or changed something else than rows."""
    new = until - after
    if new == 0:
        return False
    if not 0 < new <= MOST_SNAPSHOTS:
        return True
    asked = connection.execute(about(database, "changes_between"), {"after": after, "until": until})
    noted = [changes for (changes,) in asked.fetchall()]
    return len(noted) != new or not all(
        _leaves(tables, change) for changes in noted for change in (changes or "").split(",") if change
    )


def _leaves(tables: Collection[int], change: str) -> bool:
    """Whether a change certainly leaves the rows of these tables as they were."""
    found = CHANGE.fullmatch(change)
    if found is None:
        return False
    kind, table = found[1], int(found[2])
    return kind in OF_FILES or (kind in OF_ROWS and table not in tables)
