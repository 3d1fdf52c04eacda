"""Ninety days of hourly loads: what so many small loads leave behind, with the maintenance that workers do, against the
same lake freshly compacted.

In a home of its own. Each load stores some records of everybody in one transaction, as a recorder's worker does; after
each of them a round of maintenance looks whether there is something to merge.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from uuid import UUID, uuid5

import pyarrow as pa

from benchmarks import crowd, views
from benchmarks.company import captures, fill_directory
from benchmarks.timing import Result
from governance.rounds import tidying
from lake.storage import maintenance
from lake.storage.connection import writer
from lake.storage.store import ARROW_SCHEMA, Batch, store_many

LOADS = 90 * 24
PEOPLE = 10
EACH = 10
"""Records of each person in a load."""
MOST_SECONDS = 150.0
"""How long it loads: on a slow machine there are fewer loads, and the result says how many."""


def measure(loads: int, folder: Path) -> list[Result]:
    """Both views of one of them after so many loads at most."""
    with crowd.home(folder / "hourly") as files:
        subjects = fill_directory(PEOPLE, files / "directory.csv")
        loads = _load(subjects, loads)
        mine = views.ours(subjects[0])
        after = crowd.median_of(mine)
        with writer() as connection:
            maintenance.compact(connection)
        compacted = crowd.median_of(mine)
    events = loads * PEOPLE * EACH
    return [
        crowd.result(f"{name} of one person, after {loads:,} hourly loads", "the same freshly compacted", events, *both)
        for name, *both in zip(("overview", "captured view"), after, compacted, strict=True)
    ]


def _load(subjects: list[UUID], loads: int) -> int:
    """How many there were."""
    until = time.monotonic() + MOST_SECONDS
    everything = [
        captures(subject, number, loads * EACH, really_sealed=number == 0)[1] for number, subject in enumerate(subjects)
    ]
    for load in range(loads):
        if time.monotonic() > until:
            return load
        batches = [Batch(uuid5(subject, f"load {load}"), subject, "benchmark/1", read=EACH) for subject in subjects]
        parts = [
            _of_batch(rows.slice(load * EACH, EACH), batch) for rows, batch in zip(everything, batches, strict=True)
        ]
        with writer() as connection:
            store_many(connection, batches, pa.concat_tables(parts))
        tidying.merge_if_crowded()
    return loads


def _of_batch(rows: pa.Table, batch: Batch) -> pa.Table:
    place = ARROW_SCHEMA.get_field_index("batch")
    ids = pa.array(list(itertools.repeat(batch.batch.bytes, len(rows))), ARROW_SCHEMA.field(place).type)
    return rows.set_column(place, ARROW_SCHEMA.field(place), ids)
