"""Which tables the snapshots of the lake changed, as DuckLake notes it."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake import statements
from lake.statements import statement

MOST_SNAPSHOTS = 1_000
"""Of more, it isn't looked up what each changed."""
CHANGE = re.compile(r"(\w+):(\d+)")
OF_NEW_ROWS = frozenset({"inserted_into_table", "inlined_insert"})
OF_ROWS = OF_NEW_ROWS | {"deleted_from_table", "inlined_delete"}
OF_FILES = frozenset({"merge_adjacent", "rewrite_delete", "flushed_inlined"})
"""They write the same rows to other files."""


def table_numbers(names: Collection[str], connection: DuckDBPyConnection, database: str = "lake") -> dict[str, int]:
    """DuckLake's numbers of those of these tables that there are."""
    return dict(connection.execute(statements.about(database, "table_numbers"), {"names": sorted(names)}).fetchall())


def may_concern(
    tables: Collection[int], after: int, until: int, connection: DuckDBPyConnection, database: str = "lake"
) -> bool:
    """Whether rows of these tables may be others in snapshot `until` than in snapshot `after`. Also true if that can't
    be known: some snapshots between them have expired, or changed something else than rows."""
    noted = _noted(after, until, connection, database)
    return noted is None or not all(_leaves(tables, change) for change in noted)


def inserted_into(
    after: int, until: int, connection: DuckDBPyConnection, database: str = "lake"
) -> frozenset[int] | None:
    """The tables that have more rows in snapshot `until` than in snapshot `after`. None: something else has changed, or
    that can't be known."""
    noted = _noted(after, until, connection, database)
    if noted is None:
        return None
    found = [CHANGE.fullmatch(change) for change in noted]
    tables = [int(each[2]) for each in found if each and each[1] in OF_NEW_ROWS]
    return frozenset(tables) if len(tables) == len(noted) else None


def has_inserted(
    table: str, about: UUID, after: int, until: int, connection: DuckDBPyConnection, database: str = "lake"
) -> bool:
    """Whether snapshots after one, up to another, inserted rows about a person into a table."""
    span = {"database": database, "table": table, "first": after + 1, "until": until, "subject": about}
    return bool(connection.execute(statement("inserted_about"), span).fetchall())


def _noted(after: int, until: int, connection: DuckDBPyConnection, database: str) -> list[str] | None:
    """What the snapshots after one, up to another, changed. None: some have expired, or there are very many."""
    new = until - after
    if new == 0:
        return []
    if not 0 < new <= MOST_SNAPSHOTS:
        return None
    asked = connection.execute(statements.about(database, "changes_between"), {"after": after, "until": until})
    noted = [changes for (changes,) in asked.fetchall()]
    if len(noted) != new:
        return None
    return [change for changes in noted for change in (changes or "").split(",") if change]


def _leaves(tables: Collection[int], change: str) -> bool:
    """Whether a change certainly leaves the rows of these tables as they were."""
    found = CHANGE.fullmatch(change)
    if found is None:
        return False
    kind, table = found[1], int(found[2])
    return kind in OF_FILES or (kind in OF_ROWS and table not in tables)
