"""Slices of captures: the rows of `capture_rollup`, which views add up instead of the captures themselves."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

SLICE = ("subject", "starts_at", "signal", "application", "policy", "batch")
SUMMED = {"events": "sum", "retained_until": "max", "redacted": "sum", "first_at": "min", "last_at": "max"}
"""The other columns of slices, and what becomes of them when slices are joined."""
MINUTES = 15
"""Of a slice."""


def slices_of(rows: pa.Table) -> pa.Table:
    """The rows of `capture_rollup` for these captures."""
    columns = {name: rows[name] for name in SLICE if name != "starts_at"} | {
        "starts_at": pc.floor_temporal(rows["captured_at"], MINUTES, "minute"),
        "retained_until": rows["retained_until"],
        "redacted": redacted(rows),
        "at": rows["captured_at"],
    }
    summed = [([], "count_all"), ("retained_until", "max"), ("redacted", "sum"), ("at", "min"), ("at", "max")]
    found = pa.table(columns).group_by(list(SLICE), use_threads=False).aggregate(summed)
    return found.rename_columns([*SLICE, *SUMMED])


def joined(slices: Sequence[pa.Table]) -> pa.Table:
    """The slices of all parts, each once."""
    if len(slices) == 1:
        return slices[0]
    grouped = pa.concat_tables(slices).group_by(list(SLICE), use_threads=False)
    return grouped.aggregate(list(SUMMED.items())).rename_columns([*SLICE, *SUMMED])


def redacted(rows: pa.Table) -> pa.ChunkedArray:
    """1 for each of them of which something was redacted, otherwise 0."""
    return pc.is_valid(rows["redactions"]).cast(pa.int64())
