"""What slices are made of: the person's rows of the rollup, read once for all questions of a snapshot, as Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries.connection import once
from queries.loader import ask

KEY = ["start", "signal", "application", "policy", "retained_until"]
STATES = ["hidden", "held", "restricted"]
MOMENT = pa.timestamp("us")

Times = NDArray[np.int64]
"""Microseconds since 1970, UTC."""
Mask = NDArray[np.bool_]
"""Which rows of a table."""


def rollup(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pa.Table:
    """Table[start, signal, application, policy, retained_until, events, redacted, first_at, last_at]: the slices by
    quarters of an hour, UTC, that the time of the scope touches. Of all its kinds: see `of_scope`."""
    span = bounds(scope)

    def read() -> pa.Table:
        rows = ask(cursor, subject, "rollup", **span).to_arrow_table()
        if scope.from_at is not None:
            rows = rows.filter(pc.greater_equal(rows["last_at"], scope.from_at))
        if scope.until_at is not None:
            rows = rows.filter(pc.less(rows["first_at"], scope.until_at))
        place = rows.column_names.index("retained_until")
        return added_up(rows.set_column(place, "retained_until", rows["retained_until"].cast(MOMENT)), KEY)

    return once(cursor, ("rollup", subject.key, *span.values()), read)


def bounds(scope: Scope) -> dict[str, datetime]:
    """Its time as bound parameters, open ends as the first and last possible time: plain comparisons allow skipping
    files."""
    return {"from_at": scope.from_at or datetime.min, "until_at": scope.until_at or datetime.max}  # noqa: DTZ901


def added_up(table: pa.Table, together: Sequence[str]) -> pa.Table:
    """One row for each value of these columns: the sums, the first and the last time."""
    sums: list[Any] = [("events", "sum"), ("redacted", "sum"), ("first_at", "min"), ("last_at", "max")]
    found = table.group_by([*together], use_threads=False).aggregate(sums)
    return found.rename_columns([*together, *(name for name, _ in sums)])


def of_scope(table: pa.Table, scope: Scope) -> pa.Table:
    """The rows of its kinds."""
    if scope.signals is None and scope.applications is None:
        return table
    return table.filter(pa.array(of_kinds(table, scope)))


def of_kinds(table: pa.Table, scope: Scope) -> Mask:
    wanted = np.ones(len(table), bool)
    for column, names in (("signal", scope.signals), ("application", scope.applications)):
        if names is not None:
            wanted &= pc.is_in(table[column], value_set=pa.array(names, pa.string())).to_numpy()
    return wanted


def times(column: pa.ChunkedArray) -> Times:
    found: Times = column.cast(pa.int64()).to_numpy()
    return found


def microseconds(moment: datetime) -> int:
    return int(np.datetime64(moment, "us").astype(np.int64))
