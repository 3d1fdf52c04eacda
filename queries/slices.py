"""The person's slices: the small table that answers most questions.

Tombstones hide captures; holds and restrictions keep them. All of these, and the scope of a question, cover ranges of
time that may cut a slice in two. Whole slices come from the rollup by quarters of an hour; only in quarters of an hour
that are cut between two captures are captures read.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from enum import IntEnum

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries.loader import frame
from queries.records import scope_parameters
from queries.zones import local_times, offsets

KEY = ["start", "signal", "application", "policy", "retained_until"]
STATES = ["hidden", "held", "restricted"]


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
    bounds = scope_parameters(scope)
    whole = frame(cursor, subject, "slices", **bounds, minutes=size.value, **offsets(zone))
    cut = whole["cut"]
    whole = whole.drop(columns="cut")
    if not cut.any():
        return whole
    within = {"from_at": bounds["from_at"], "until_at": bounds["until_at"]}
    parts = frame(
        cursor,
        subject,
        "cut_slices",
        **within,
        starts=list(whole.loc[cut, "start"].dt.to_pydatetime()),
        first_at=whole.loc[cut, "first_at"].min(),
        last_at=whole.loc[cut, "last_at"].max(),
    ).rename(columns={"starts_at": "start"})
    parts = parts.merge(whole.loc[cut, KEY].drop_duplicates(), on=KEY)
    parts["start"] = local_times(parts["start"], zone).dt.floor(f"{size.value}min")
    together = pd.concat([whole[~cut], parts], ignore_index=True)
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
