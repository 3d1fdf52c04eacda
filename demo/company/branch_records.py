"""Generates the few records of the people at the branches, or none: enough to be counted.

What is recorded differs: of some only what they did, of others also what they typed or saw. All of it is within its
retention.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import numpy as np
import pyarrow as pa

from demo.company import pointer
from demo.company.library import Library
from demo.company.rows import EPOCH, SOURCES, Terms
from directory.sealing import Sealer
from lake.rules.scope import SIGNALS
from lake.storage.store import ARROW_SCHEMA, Batch

NOTHING = 0.3
"""The share of whom nothing is recorded."""
FEWEST, MOST = 3, 12
DAYS = 28
SHOWING = (
    ("window_focus", "mouse_click"),
    ("window_focus", "mouse_click", "keystroke"),
    ("window_focus", "mouse_click", "keystroke", "screenshot"),
)
"""Which signals are recorded of a person: one of these."""
APPLICATIONS = ("SAP", "Excel", "Chrome")


def how_many(rng: np.random.Generator, people: int) -> list[int]:
    """The number of records of each."""
    there = rng.random(people) >= NOTHING
    found: list[int] = (rng.integers(FEWEST, MOST + 1, people) * there).tolist()
    return found


def records(
    rng: np.random.Generator,
    counts: Mapping[UUID, int],
    keys: Mapping[UUID, bytes],
    library: Library,
    terms: Terms,
    now: datetime,
) -> tuple[list[Batch], pa.Table]:
    """A batch for each person, and all rows (`lake.storage.store.ARROW_SCHEMA`). `keys`: their content keys."""
    batches, rows = [], []
    for subject, count in counts.items():
        batch = Batch(UUID(bytes=rng.bytes(16), version=4), subject, SOURCES[0], read=count)
        batches.append(batch)
        sealer, session, application = Sealer(keys[subject]), rng.bytes(16), str(rng.choice(APPLICATIONS))
        signals = SHOWING[int(rng.integers(len(SHOWING)))]
        day = _workday(now, int(rng.integers(1, DAYS)))
        for place, second in enumerate(sorted(rng.uniform(7 * 3600, 15 * 3600, count).tolist())):
            signal = signals[place % len(signals)]
            terms_of_it = terms.of((day.date() - EPOCH).days, SIGNALS.index(signal), application)
            assert terms_of_it is not None
            entry = library.entries[int(rng.choice(library.suiting(signal, application)))]
            capture_id, clicked = rng.bytes(16), signal == "mouse_click"
            rows.append(
                {
                    "capture_id": capture_id,
                    "subject": subject.bytes,
                    "captured_at": (day + timedelta(seconds=second)).replace(tzinfo=None),
                    "signal": signal,
                    "application": application,
                    "x": int(rng.integers(pointer.WIDTH)) if clicked else None,
                    "y": int(rng.integers(pointer.HEIGHT)) if clicked else None,
                    "session": session,
                    "source": batch.source,
                    "batch": batch.batch.bytes,
                    "policy": terms_of_it[0],
                    "retained_until": terms_of_it[1],
                    "redactions": entry.redactions,
                    "sealed": sealer.seal(UUID(bytes=capture_id), entry.content),
                }
            )
    return batches, pa.Table.from_pylist(rows, schema=ARROW_SCHEMA)


def _workday(now: datetime, days_ago: int) -> datetime:
    """Midnight, UTC, of the last workday at least that many days ago."""
    day = now.date() - timedelta(days=days_ago)
    return datetime.combine(day - timedelta(days=max(0, day.weekday() - 4)), time(), UTC)
