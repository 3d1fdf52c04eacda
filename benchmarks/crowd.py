"""Many people with few captures each, loaded a few people at a time: what files and loads cost one person's pages.

In a home of its own, measured just after loading, after the merging that workers do by themselves, and in a lake of a
tenth of the people.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import queries.connection
from benchmarks import views
from benchmarks.company import Company, build_company
from benchmarks.peers import Peer
from benchmarks.peers.clickhouse import ClickHouse
from benchmarks.peers.postgresql import PostgreSQL
from benchmarks.timing import Result, milliseconds
from governance.db import database, work_queue
from governance.operations import first_start
from governance.rounds import tidying
from lake.storage import maintenance
from queries.connection import answering

EVENTS_EACH = 4_000
MOST_ROUNDS = 500


def measure(people: int, folder: Path) -> list[Result]:
    """Both views of one of `people`."""
    small = _medians(folder / "tenth", max(10, people // 10))
    results = []
    with _company(folder / "crowd", people) as company:
        subject = company.subjects[0]
        rows = folder / "crowd.parquet"
        views.write_rows(rows)
        for make in (PostgreSQL, lambda: ClickHouse(folder / "crowd-clickhouse")):
            peer: Peer = make()
            try:
                peer.load(rows)
                results += views.of_person(subject, company.events, [peer], ", of many, just loaded")
            finally:
                peer.close()
        rows.unlink()
        fresh = median_of(views.ours(subject))
        merge()
        merged = median_of(views.ours(subject))
        for place, name in enumerate(("overview", "captured view")):
            results.append(
                result(f"{name} of one person, of many, just loaded", "the same after merging", company.events,
                        fresh[place], merged[place])
            )  # fmt: skip
            results.append(
                result(f"{name} of one person, of many", "the same in a lake of a tenth of the people", company.events,
                        merged[place], small[place])
            )  # fmt: skip
    return results


def merge() -> None:
    """What workers do by themselves, round by round, until there is nothing to merge."""
    for _ in range(MOST_ROUNDS):
        if not answering(maintenance.crowded):
            return
        tidying.merge_if_crowded()
    raise AssertionError("merging doesn't end")


def _medians(place: Path, people: int) -> tuple[float, ...]:
    with _company(place, people) as company:
        merge()
        return median_of(views.ours(company.subjects[0]))


def median_of(tasks: tuple[Callable[[], None], ...]) -> tuple[float, ...]:
    """Of each, in milliseconds."""
    found = []
    for task in tasks:
        times = [milliseconds(task) for _ in range(views.TIMES + 1)]
        found.append(statistics.median(times[1:]))
    return tuple(found)


def result(name: str, against: str, events: int, ours: float, theirs: float) -> Result:
    return Result(name, round(ours / theirs, 2), against, round(ours, 1), round(theirs, 1), events)


@contextmanager
def _company(place: Path, people: int) -> Iterator[Company]:
    """In a home of its own."""
    with home(place) as files:
        yield build_company(people, people * EVENTS_EACH, files)


@contextmanager
def home(place: Path) -> Iterator[Path]:
    """A new home in `$OPENBOOK_HOME` until the block ends, and a folder for other files."""
    before = os.environ["OPENBOOK_HOME"]
    _close()
    os.environ["OPENBOOK_HOME"] = str(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        first_start.init()
        folder = place.with_name(f"{place.name}-files")
        folder.mkdir()
        yield folder
    finally:
        _close()
        os.environ["OPENBOOK_HOME"] = before


def _close() -> None:
    queries.connection.close()
    work_queue.close()
    database.close()
