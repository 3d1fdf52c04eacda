"""The rules about captures that must outlive the lake's files: tombstones, holds, objections, restrictions and
maskings of names.

They are read as plain rows (a JSON-compatible dict, by column), kept elsewhere, and merged into another state of the
lake: missing rules are added. A hold or standing rule may have been lifted meanwhile, so the merged row counts as the
newer one. No row contains captured content or a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage.connection import transaction

Row = dict[str, Any]
Rules = dict[str, list[Row]]
"""Rows by table."""

KEYS = {"tombstones": "request", "holds": "hold", "standing_rules": "rule", "name_masks": "rule"}
"""The tables, and the column that identifies a rule in each."""

TABLES_OF_CAPTURES = frozenset({"tombstones", "holds", "standing_rules"})
"""Those of the rules that hide, hold or restrict captures."""

_READ = {table: f"read_{table}" for table in KEYS}
_MERGE = {
    "tombstones": ("merge_tombstones",),
    "holds": ("forget_known_holds", "merge_holds"),
    "standing_rules": ("forget_known_standing_rules", "merge_standing_rules"),
    "name_masks": ("forget_known_name_masks", "merge_name_masks"),
}


def read_rules(connection: DuckDBPyConnection) -> Rules:
    """All rules of the lake."""
    rules: Rules = {}
    for table, name in _READ.items():
        answer = connection.execute(statement(name))
        columns = [column for column, *_ in answer.description or ()]
        rules[table] = [
            {column: _plain(value) for column, value in zip(columns, row, strict=True)} for row in answer.fetchall()
        ]
    return rules


def merge_rules(connection: DuckDBPyConnection, rules: Mapping[str, Sequence[Row]]) -> None:
    """Add or update the given rules, all or nothing; a second call changes nothing. Other tables are passed over."""
    with transaction(connection):
        for table, names in _MERGE.items():
            rows = rules.get(table, ())
            if not rows:
                continue
            connection.register("kept", pa.Table.from_pylist(list(rows)))
            try:
                for name in names:
                    connection.execute(statement(name))
            finally:
                connection.unregister("kept")


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def people_with_rules(connection: DuckDBPyConnection, digits: int) -> frozenset[str]:
    """The last hexadecimal digits of the ids of everyone of whom a rule hides, holds or restricts captures."""
    rows = connection.execute(statement("people_with_rules"), {"digits": digits}).fetchall()
    return frozenset(end for (end,) in rows)
