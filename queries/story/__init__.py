"""A day of a person, in numbers whose size doesn't depend on how much was recorded: no content is read."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries.loader import frame
from queries.records import scope_parameters

CLOSE_SECONDS = 2.0
"""Two keys further apart are not one movement of the hands."""


def minutes(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[minute: datetime64 (UTC), application, signal, events], in order of time, of the time of the scope."""
    return frame(cursor, subject, "story_minutes", **_times(scope))


def heat(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[x, y, side, most_x, most_y, events, clicks]: squares of `side` pixels in which the pointer was, and how
    far it was in each, the fullest first, of the time of the scope. At most 66 x 66 of them."""
    return frame(cursor, subject, "story_heat", **_times(scope))


def pace(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[signal, events, close, lower, middle, upper] of typing, clicks and pointer movements, of the time of
    the scope. `close`: how many followed the one before within `CLOSE_SECONDS`; then quartiles of these times, in
    seconds, or 0 if there are none."""
    return frame(cursor, subject, "story_pace", **_times(scope), most=CLOSE_SECONDS)


def _times(scope: Scope) -> dict[str, object]:
    parameters = scope_parameters(scope)
    return {name: parameters[name] for name in ("from_at", "until_at")}
