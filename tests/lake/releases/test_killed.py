"""Killed at any moment of a publication: readers have the old file or the new one, the cost counts once, and there is
no second noise."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from directory import Employee
from lake.releases import publishing
from lake.releases.database import releases_folder
from queries import area
from tests.lake.releases.conftest import DAY

ROOT = Path(__file__).parents[3]
Employ = Callable[..., list[Employee]]

PUBLISH = """
import os, sys
from datetime import UTC, datetime
import clock
clock.now = lambda: datetime(int(sys.argv[1]), int(sys.argv[2]), 1, 3, tzinfo=UTC)
from lake.releases import accounting, database, noise, publishing
accounting.rho_of()
from tests.resilience.traps import die, set_trap
for point in sys.argv[3:]:
    child = os.fork()
    if not child:
        set_trap(point, die)
        publishing.release()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
"""Each point in a separate process, with nothing open at its start."""

BEFORE_IT_IS_DECIDED = (
    "before lake.releases.noise:discrete_gaussian",
    "after lake.releases.noise:discrete_gaussian",
    "after lake.releases.publishing:_add",
    "before lake.releases.database:_sync",
    "after lake.releases.database:_sync",
)
ONCE_IT_IS_DECIDED = "before lake.releases.database:_put_in_place"


@pytest.fixture
def company(policies: None, employ: Employ) -> None:
    employ(60)


def killed(day: date, *points: str) -> None:
    """Publish on that day, and be killed at each point."""
    run = [sys.executable, "-c", PUBLISH, str(day.year), str(day.month), *points]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout.split() == [str(-signal.SIGKILL)] * len(points), ended.stderr


@pytest.mark.usefixtures("company")
def test_killed_before_the_commit_point_costs_nothing(
    at: Callable[[date], None],
) -> None:
    first = publishing.release()
    later = date(2027, 7, 1)
    killed(later, *BEFORE_IT_IS_DECIDED)
    assert publishing.releases() == [first]
    at(later)
    second = publishing.release()
    assert publishing.releases() == [first, second]
    assert second.year_epsilon <= 3
    assert {path.name for path in releases_folder().iterdir()} == {"releases.duckdb", "publish.lock"}


@pytest.mark.usefixtures("company")
def test_killed_after_the_commit_point_is_published_unchanged(
    at: Callable[[date], None],
) -> None:
    killed(DAY, ONCE_IT_IS_DECIDED)
    at(date(2026, 8, 1))
    assert publishing.releases() == []
    with pytest.raises(publishing.NotDue):
        publishing.release()
    [told] = publishing.releases()
    assert told.as_of == DAY
    assert not publishing.is_due()
    assert len(area.of_company().releases) == 1


@pytest.mark.usefixtures("company")
def test_readers_only_see_complete_releases_during_publication(at: Callable[[date], None]) -> None:
    publishing.release()
    met: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            found = area.of_company()
            met.append(len(found.releases))
            assert {table.release for table in found.tables} == {release.release for release in found.releases}

    reading = threading.Thread(target=look)
    reading.start()
    for year in range(2027, 2032):
        at(date(year, 7, 1) + timedelta(days=year - 2026))
        publishing.release()
    over.set()
    reading.join()
    assert met == sorted(met)
    assert met[-1] >= 5
