"""The person's slices: the small table that answers most questions.

Tombstones hide captures; holds and restrictions keep them. All of these, and the scope of a question, cover ranges of
time that may cut a slice in two. Whole slices come from the rollup by quarters of an hour; only in quarters of an hour
that are cut between two captures are captures read.

The rollup and the rules are read as they are and judged here: for so few rows, planning a question that does it costs
more than doing it (docs/benchmarks.md).
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from enum import IntEnum

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries import rules
from queries.loader import ask
from queries.rules import Rule
from queries.slices.rows import (
    KEY,
    MOMENT,
    STATES,
    Mask,
    Times,
    added_up,
    bounds,
    microseconds,
    of_kinds,
    of_scope,
    rollup,
    times,
)
from queries.zones import offsets

COLUMNS = [*KEY, "events", "redacted", "first_at", "last_at", *STATES]
MINUTE = 60_000_000
"""In microseconds."""


class Size(IntEnum):
    """The time that the slices of one row have in common, in minutes."""

    DAY = 24 * 60
    HOUR = 60
    QUARTER_HOUR = 15


def pieces(
    cursor: DuckDBPyConnection,
    subject: Subject,
    scope: Scope = Scope(),  # noqa: B008 (immutable)
    size: Size = Size.DAY,
    zone: tzinfo = UTC,
) -> pa.Table:
    """Table[start, signal, application, policy, retained_until, events, redacted, first_at, last_at,
    hidden: bool, held: bool, restricted: bool] of the scope, in any order: parts of slices, one or more for each.

    `start`: the beginning of the day, hour or quarter of an hour, in naive local time of the zone. `first_at` and
    `last_at` are UTC."""
    found = of_scope(rollup(cursor, subject, scope), scope)
    states, cut = _judged(found, scope, rules.of(cursor, subject))
    for name, mask in states.items():
        found = found.append_column(name, pa.array(mask))
    found = found.select(COLUMNS)
    if cut.any():
        parts = _cut(cursor, subject, scope, found.filter(pa.array(cut)))
        found = pa.concat_tables([found.filter(pa.array(~cut)), parts])
    return found.set_column(0, "start", pa.array(_local_starts(times(found["start"]), size, zone), MOMENT))


def slices(of_pieces: pa.Table) -> pd.DataFrame:
    """DataFrame with the columns of `pieces`: one row for each slice, in order of `KEY`."""
    together = [*KEY, *STATES]
    found: pd.DataFrame = _in_order(added_up(of_pieces, together), together).select(COLUMNS).to_pandas()
    return found


def visible_of(table: pa.Table) -> pa.Table:
    """The rows that no tombstone hides, without `hidden`."""
    return table.filter(pc.invert(table["hidden"])).drop_columns("hidden")


def totals(table: pa.Table, together: list[str], counts: list[str]) -> pd.DataFrame:
    """The sums of these counts for each value of `together`, in that order."""
    sums = table.group_by(together, use_threads=False).aggregate([(name, "sum") for name in counts])
    found: pd.DataFrame = _in_order(sums.rename_columns([*together, *counts]), together).to_pandas()
    return found


def total(table: pa.Table, counts: str = "events") -> int:
    return pc.sum(table[counts]).as_py() or 0


def _in_order(table: pa.Table, columns: list[str]) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in columns])


def _judged(table: pa.Table, scope: Scope, in_force: list[Rule]) -> tuple[dict[str, Mask], Mask]:
    """Which slices are in each of `STATES`; and which are cut, because a rule or the scope covers only a part."""
    first, last = times(table["first_at"]), times(table["last_at"])
    states = {name: np.zeros(len(table), bool) for name in STATES}
    cut = ~_covered(first, last, scope)
    for rule in in_force:
        met = of_kinds(table, rule.scope) & _met(first, last, rule.scope)
        covered = met & _covered(first, last, rule.scope)
        states[rule.effect] |= covered
        cut |= met & ~covered
    return states, cut


def _met(first: Times, last: Times, scope: Scope) -> Mask:
    """Where its time has something of a slice."""
    met = np.ones(len(first), bool)
    if scope.from_at is not None:
        met &= last >= microseconds(scope.from_at)
    if scope.until_at is not None:
        met &= first < microseconds(scope.until_at)
    return met


def _covered(first: Times, last: Times, scope: Scope) -> Mask:
    """Where its time has all of a slice."""
    covered = np.ones(len(first), bool)
    if scope.from_at is not None:
        covered &= first >= microseconds(scope.from_at)
    if scope.until_at is not None:
        covered &= last < microseconds(scope.until_at)
    return covered


def _local_starts(starts: Times, size: Size, zone: tzinfo) -> Times:
    """The beginnings of the local days, hours or quarters of an hour with these quarters of an hour."""
    known = offsets(zone)
    since = np.array([microseconds(moment) for moment in known["zone_from"]])
    ahead = np.array(known["zone_seconds"], np.int64) * 1_000_000
    local = starts + ahead[np.searchsorted(since, starts, side="right") - 1]
    return local - local % (size.value * MINUTE)


def _cut(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, cut: pa.Table) -> pa.Table:
    """The parts of the slices that are cut, from the captures themselves, with the columns of `cut`."""
    parts = ask(
        cursor,
        subject,
        "cut_slices",
        **bounds(scope),
        starts=cut["start"].to_pylist(),
        first_at=pc.min(cut["first_at"]).as_py(),
        last_at=pc.max(cut["last_at"]).as_py(),
    ).to_arrow_table()
    return parts.cast(cut.schema).join(cut.select(KEY), KEY, join_type="left semi", use_threads=False)
