"""What is held about a person, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

import pandas as pd
from duckdb import DuckDBPyConnection

import clock
from directory.access_tokens import Subject
from lake.lineage.model_graph import Evidence
from lake.rules.scope import Scope
from queries.lineage import Lineage
from queries.slices import Size, totals, visible, visible_of


@dataclass(frozen=True)
class Summary:
    """Counts are captures unless they say otherwise; times are UTC, None if nothing is held.

    Captures hidden by a tombstone are only in `held`: the captures that a legal hold keeps from being removed,
    including those whose erasure was requested.
    """

    captures: int
    first_at: datetime | None
    last_at: datetime | None
    days: int
    """Days of the zone that was asked for with at least one capture."""
    applications: tuple[str, ...]
    signals: tuple[str, ...]
    redacted: int
    """Captures in which something was masked before storage."""
    kept_until: date | None
    """The last day on which anything is kept that is neither held nor restricted."""
    next_expiry_day: date | None
    """The next last day, today or later, of captures without a hold or restriction."""
    next_expiry_events: int
    removed_by_retention: int
    removed_by_request: int
    held: int
    restricted: int
    """Captures without a hold that stay because their owner asked to keep them without use."""
    models: int
    """Model versions that provably used the person's captures, or were made from one that did."""
    model_captures: int
    """Captures that at least one of them used; at least so many if days of them were erased."""


def summary(everything: pd.DataFrame, removed: pd.DataFrame, own: Lineage, consumed: pd.DataFrame) -> Summary:
    """From one snapshot: `slices.slices` by days, `retention.removals`, `lineage.lineage`, and `models.model_slices` of
    any model."""
    kept = visible_of(everything)
    by_cause = removed.groupby("cause")["events"].sum()
    going = kept[~kept["held"] & ~kept["restricted"]]
    expiring = going[going["retained_until"] >= pd.Timestamp(clock.today())]
    next_expiry = expiring["retained_until"].min()
    return Summary(
        captures=int(kept["events"].sum()),
        first_at=_time(kept["first_at"].min()),
        last_at=_time(kept["last_at"].max()),
        days=kept["start"].nunique(),
        applications=tuple(sorted(kept["application"].unique())),
        signals=tuple(sorted(kept["signal"].unique())),
        redacted=int(kept["redacted"].sum()),
        kept_until=_day(going["retained_until"].max()),
        next_expiry_day=_day(next_expiry),
        next_expiry_events=int(expiring.loc[expiring["retained_until"] == next_expiry, "events"].sum()),
        removed_by_retention=int(by_cause.get("retention", 0)),
        removed_by_request=int(by_cause.get("erasure", 0)),
        held=int(everything.loc[everything["held"], "events"].sum()),
        restricted=int(kept.loc[kept["restricted"] & ~kept["held"], "events"].sum()),
        models=sum(each.evidence == Evidence.PROVEN for each in own.reached.values()),
        model_captures=int(consumed["events"].sum()),
    )


def first_day(everything: pd.DataFrame, removed: pd.DataFrame) -> datetime | None:
    """The first moment of the UTC day of the first record that is captured or was removed, from `slices.slices` and
    `retention.removals`; None: there is none. The first day of the year 1: a day of a removal was erased."""
    if removed["first_day"].isna().any():
        return datetime.min  # noqa: DTZ901 (the lake's times are naive UTC)
    days = [day for day in (everything["first_at"].min(), removed["first_day"].min()) if not pd.isna(day)]
    return min(days).normalize().to_pydatetime() if days else None


def captures_per_day(everything: pd.DataFrame) -> pd.DataFrame:
    """DataFrame[day, signal, application, events, redacted], in order of day; from `slices.slices` by days."""
    key = ["start", "signal", "application"]
    return totals(visible_of(everything), key, ["events", "redacted"]).rename(columns={"start": "day"})


def captures_per(
    cursor: DuckDBPyConnection, subject: Subject, scope: Scope, size: Size, zone: tzinfo = UTC
) -> pd.DataFrame:
    """DataFrame[start, signal, application, events], in order of start: days, hours or quarters of an hour of the
    zone, in its naive local time. The hour that is there twice when a zone's clocks go back counts once, with both."""
    key = ["start", "signal", "application"]
    return totals(visible(cursor, subject, scope, size, zone), key, ["events"])


def count(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> int:
    """How many captures the scope covers."""
    return int(visible(cursor, subject, scope)["events"].sum())


def _time(value: pd.Timestamp) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()


def _day(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
