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
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries import rules
from queries.loader import frame
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
from queries.zones import local_times, offsets

MINUTE = 60_000_000
"""In microseconds."""


class Size(IntEnum):
    """The time that the slices of one row have in common, in minutes."""

    DAY = 24 * 60
    HOUR = 60
    QUARTER_HOUR = 15


def slices(
    cursor: DuckDBPyConnection,
    subject: Subject,
    scope: Scope = Scope(),  # noqa: B008 (immutable)
    size: Size = Size.DAY,
    zone: tzinfo = UTC,
) -> pd.DataFrame:
    """DataFrame[start, signal, application, policy, retained_until, events, redacted, first_at, last_at,
    hidden: bool, held: bool, restricted: bool] of the scope, in order of `KEY`.

    `start`: the beginning of the day, hour or quarter of an hour, in naive local time of the zone. `first_at` and
    `last_at` are UTC."""
    found = of_scope(rollup(cursor, subject, scope), scope)
    states, cut = _judged(found, scope, rules.of(cursor, subject))
    starts = times(found["start"])
    for name, mask in states.items():
        found = found.append_column(name, pa.array(mask))
    local = found.set_column(0, "start", pa.array(_local_starts(starts, size, zone), MOMENT))
    if not cut.any():
        return _added_up(local)
    whole = _added_up(local.filter(pa.array(~cut)))
    parts = _cut(cursor, subject, scope, found.filter(pa.array(cut)).to_pandas())
    parts["start"] = local_times(parts["start"], zone).dt.floor(f"{size.value}min")
    together = pd.concat([whole, parts], ignore_index=True)
    return together.groupby([*KEY, *STATES], as_index=False).agg(
        events=("events", "sum"),
        redacted=("redacted", "sum"),
        first_at=("first_at", "min"),
        last_at=("last_at", "max"),
    )


def visible(
    cursor: DuckDBPyConnection,
    subject: Subject,
    scope: Scope = Scope(),  # noqa: B008 (immutable)
    size: Size = Size.DAY,
    zone: tzinfo = UTC,
) -> pd.DataFrame:
    """The slices that no tombstone hides; columns as `slices`, without `hidden`."""
    return visible_of(slices(cursor, subject, scope, size, zone))


def visible_of(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table["hidden"]].drop(columns="hidden").reset_index(drop=True)


def totals(table: pd.DataFrame, together: list[str], counts: list[str]) -> pd.DataFrame:
    """The sums of these counts for each value of `together`, in that order."""
    rows = pa.Table.from_pandas(table[[*together, *counts]], preserve_index=False)
    sums = rows.group_by(together, use_threads=False).aggregate([(name, "sum") for name in counts])
    ordered = sums.rename_columns([*together, *counts]).sort_by([(name, "ascending") for name in together])
    found: pd.DataFrame = ordered.to_pandas()
    return found


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


def _cut(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, cut: pd.DataFrame) -> pd.DataFrame:
    """The parts of the slices that are cut, from the captures themselves; `start` in UTC."""
    parts = frame(
        cursor,
        subject,
        "cut_slices",
        **bounds(scope),
        starts=list(cut["start"].dt.to_pydatetime()),
        first_at=cut["first_at"].min(),
        last_at=cut["last_at"].max(),
    )
    return parts.merge(cut[KEY].drop_duplicates(), on=KEY)


def _added_up(table: pa.Table) -> pd.DataFrame:
    """By `KEY` and `STATES`, in that order."""
    together = [*KEY, *STATES]
    ordered = added_up(table, together).sort_by([(name, "ascending") for name in together])
    found: pd.DataFrame = ordered.select([*KEY, "events", "redacted", "first_at", "last_at", *STATES]).to_pandas()
    return found
