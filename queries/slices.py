"""The person's slices: the small table that answers most questions.

Tombstones hide captures; holds and restrictions keep them. All cover ranges of time that may cut a slice in two. Whole
slices come from the daily rollup; only the days of slices that are cut are read from the captures.
"""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries.loader import frame

KEY = ["day", "signal", "application", "policy", "retained_until"]


def slices(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[day, signal, application, policy, retained_until, events, redacted, first_at, last_at,
    hidden: bool, held: bool, restricted: bool]: a cut slice gives one row per part."""
    whole = frame(cursor, subject, "slices")
    cut = whole["cut"]
    whole = whole.drop(columns="cut")
    if not cut.any():
        return whole
    days = whole.loc[cut, "day"]
    parts = frame(
        cursor,
        subject,
        "cut_slices",
        days=list(days.dt.date.unique()),
        first_at=whole.loc[cut, "first_at"].min(),
        last_at=whole.loc[cut, "last_at"].max(),
    )
    parts = parts.merge(whole.loc[cut, KEY], on=KEY)
    return pd.concat([whole[~cut], parts], ignore_index=True).sort_values(KEY, ignore_index=True)


def visible(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """The slices that no tombstone hides; columns as `slices`, without `hidden`."""
    return visible_of(slices(cursor, subject))


def visible_of(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table["hidden"]].drop(columns="hidden").reset_index(drop=True)


def within(table: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The slices of the scope's signals and applications, at any time."""
    if scope.signals is not None:
        table = table[table["signal"].isin(scope.signals)]
    if scope.applications is not None:
        table = table[table["application"].isin(scope.applications)]
    return table
