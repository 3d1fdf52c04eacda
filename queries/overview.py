"""What is held about a person, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

import clock
from directory.access_tokens import Subject
from lake.lineage.model_graph import Evidence
from lake.rules.scope import Scope
from queries.lineage import Lineage
from queries.slices import Size, pieces, total, totals, visible_of
from queries.slices.rows import MOMENT


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


def summary(everything: pa.Table, removed: pa.Table, own: Lineage, consumed: pd.DataFrame) -> Summary:
    """From one snapshot: `slices.pieces` by days, `retention.removed`, `lineage.lineage`, and `models.model_slices` of
    any model."""
    kept = visible_of(everything)
    by_cause = {cause: total(removed.filter(pc.equal(removed["cause"], cause))) for cause in ("retention", "erasure")}
    going = kept.filter(pc.invert(pc.or_(kept["held"], kept["restricted"])))
    expiring = going.filter(pc.greater_equal(going["retained_until"], pa.scalar(clock.today()).cast(MOMENT)))
    next_expiry = pc.min(expiring["retained_until"])
    return Summary(
        captures=total(kept),
        first_at=pc.min(kept["first_at"]).as_py(),
        last_at=pc.max(kept["last_at"]).as_py(),
        days=len(kept["start"].unique()),
        applications=tuple(sorted(kept["application"].unique().to_pylist())),
        signals=tuple(sorted(kept["signal"].unique().to_pylist())),
        redacted=total(kept, "redacted"),
        kept_until=_day(pc.max(going["retained_until"])),
        next_expiry_day=_day(next_expiry),
        next_expiry_events=total(expiring.filter(pc.equal(expiring["retained_until"], next_expiry))),
        removed_by_retention=by_cause["retention"],
        removed_by_request=by_cause["erasure"],
        held=total(everything.filter(everything["held"])),
        restricted=total(kept.filter(pc.and_not(kept["restricted"], kept["held"]))),
        models=sum(each.evidence == Evidence.PROVEN for each in own.reached.values()),
        model_captures=int(consumed["events"].sum()),
    )


def first_day(everything: pa.Table, removed: pa.Table) -> datetime | None:
    """The first moment of the UTC day of the first record that is captured or was removed, from `slices.pieces` and
    `retention.removed`; None: there is none. The first day of the year 1: a day of a removal was erased."""
    if removed["first_day"].null_count:
        return datetime.min  # noqa: DTZ901 (the lake's times are naive UTC)
    first_at, first_removed = pc.min(everything["first_at"]).as_py(), pc.min(removed["first_day"]).as_py()
    days = [day for day in (first_at and first_at.date(), first_removed) if day is not None]
    return datetime.combine(min(days), time.min) if days else None


def captures_per_day(everything: pa.Table) -> pd.DataFrame:
    """DataFrame[day, signal, application, events, redacted], in order of day; from `slices.pieces` by days."""
    key = ["start", "signal", "application"]
    return totals(visible_of(everything), key, ["events", "redacted"]).rename(columns={"start": "day"})


def captures_per(
    cursor: DuckDBPyConnection, subject: Subject, scope: Scope, size: Size, zone: tzinfo = UTC
) -> pd.DataFrame:
    """DataFrame[start, signal, application, events], in order of start: days, hours or quarters of an hour of the
    zone, in its naive local time. The hour that is there twice when a zone's clocks go back counts once, with both."""
    key = ["start", "signal", "application"]
    return totals(visible_of(pieces(cursor, subject, scope, size, zone)), key, ["events"])


def count(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> int:
    """How many captures the scope covers."""
    return total(visible_of(pieces(cursor, subject, scope)))


def _day(value: pa.TimestampScalar) -> date | None:
    moment = value.as_py()
    return None if moment is None else moment.date()
