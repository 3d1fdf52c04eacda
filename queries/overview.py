"""What is held about a person, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from duckdb import DuckDBPyConnection

import clock
from directory.access_tokens import Subject
from lake.lineage.model_graph import Evidence
from lake.rules.scope import Scope
from queries.lineage import lineage
from queries.loader import frame
from queries.models import model_slices
from queries.records import scope_parameters
from queries.slices import slices, visible, visible_of, within


@dataclass(frozen=True)
class Summary:
    """Counts are captures unless they say otherwise; times and days are UTC, None if nothing is held.

    Captures hidden by a tombstone are only in `held`: the captures that a legal hold keeps from being removed,
    including those whose erasure was requested.
    """

    captures: int
    first_at: datetime | None
    last_at: datetime | None
    days: int
    """Days with at least one capture."""
    applications: tuple[str, ...]
    signals: tuple[str, ...]
    redacted: int
    """Captures in which something was masked before storage."""
    kept_until: date | None
    """The last day on which anything is kept, ignoring holds and restrictions."""
    next_expiry_day: date | None
    """The next last day, today or later, of captures without a hold or restriction."""
    next_expiry_events: int
    removed_by_retention: int
    removed_by_request: int
    held: int
    models: int
    """Model versions that provably used the person's captures, or were made from one that did."""
    model_captures: int
    """Captures that at least one of them used; at least so many if days of them were erased."""


def summary(cursor: DuckDBPyConnection, subject: Subject) -> Summary:
    everything = slices(cursor, subject)
    kept = visible_of(everything)
    removed = frame(cursor, subject, "removals").groupby("cause")["events"].sum()
    reached = lineage(cursor, subject).reached.values()
    consumed = model_slices(cursor, subject, None)
    expiring = kept[~kept["held"] & ~kept["restricted"] & (kept["retained_until"] >= pd.Timestamp(clock.today()))]
    next_expiry = expiring["retained_until"].min()
    return Summary(
        captures=int(kept["events"].sum()),
        first_at=_time(kept["first_at"].min()),
        last_at=_time(kept["last_at"].max()),
        days=kept["day"].nunique(),
        applications=tuple(sorted(kept["application"].unique())),
        signals=tuple(sorted(kept["signal"].unique())),
        redacted=int(kept["redacted"].sum()),
        kept_until=_day(kept["retained_until"].max()),
        next_expiry_day=_day(next_expiry),
        next_expiry_events=int(expiring.loc[expiring["retained_until"] == next_expiry, "events"].sum()),
        removed_by_retention=int(removed.get("retention", 0)),
        removed_by_request=int(removed.get("erasure", 0)),
        held=int(everything.loc[everything["held"], "events"].sum()),
        models=sum(each.evidence == Evidence.PROVEN for each in reached),
        model_captures=int(consumed["events"].sum()),
    )


def captures_per_day(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[day, signal, application, events, redacted], in order of day."""
    key = ["day", "signal", "application"]
    return visible(cursor, subject).groupby(key, as_index=False)[["events", "redacted"]].sum()


def captures_per_hour(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[hour, signal, application, events], in order of hour."""
    return _captures_per(cursor, subject, scope, "hour")


def captures_per_minute(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[minute, signal, application, events], in order of minute."""
    return _captures_per(cursor, subject, scope, "minute")


def count(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> int:
    """How many captures the scope covers; only a scope in time needs to read captures for it."""
    if scope.from_at is None and scope.until_at is None:
        return int(within(visible(cursor, subject), scope)["events"].sum())
    return int(captures_per_hour(cursor, subject, scope)["events"].sum())


def _captures_per(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, interval: str) -> pd.DataFrame:
    table = frame(cursor, subject, "captures_per_interval", **scope_parameters(scope), interval=interval)
    return table.rename(columns={"start": interval})


def _time(value: pd.Timestamp) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()


def _day(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
