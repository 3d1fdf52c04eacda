"""Locks between processes: one holder, and free as soon as that process is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import Timeout

from databases import locks
from governance.db import database, worker_slots
from governance.db.tables import HomeRow
from tests.governance.conftest import ROOT, wait_until

HOLD = """
import time
from governance.db import database
with database.lock("sweep"):
    print("held", flush=True)
    time.sleep(600)
"""
WORK = """
import time
from governance.db import worker_slots
with worker_slots.place() as name:
    print(name, flush=True)
    time.sleep(600)
"""
WRITE = """
import time
from governance.db.database import writing
from governance.db.tables import HomeRow
with writing() as session:
    session.get_one(HomeRow, 1).snapshot += 1000
    session.flush()
    print("written", flush=True)
    time.sleep(600)
"""


@contextmanager
def another(program: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that runs this, and its first line."""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait(60)
        process.stdout.close()


def is_free() -> bool:
    try:
        with database.lock("sweep", timeout=0):
            return True
    except Timeout:
        return False


def test_a_lock_has_one_holder_at_a_time(home: Path) -> None:
    with database.lock("sweep"):
        assert not is_free()
        with database.lock("release", timeout=0):
            pass
        with pytest.raises(Timeout), database.lock("sweep", timeout=0.1):
            pass
    assert is_free()


def test_the_lock_of_a_killed_process_is_free(home: Path) -> None:
    with another(HOLD) as (holder, said):
        assert said == "held"
        assert not is_free()
        holder.kill()
        wait_until(is_free)


def test_a_killed_workers_slot_is_free(home: Path) -> None:
    with worker_slots.place() as own, another(WORK) as (worker, theirs):
        assert {own, theirs} == {"worker-0", "worker-1"}
        with worker_slots.if_dead(theirs) as dead:
            assert not dead
        worker.kill()
        wait_until(lambda: _is_dead(theirs))
        assert worker_slots.any_running(), "this one"
    assert not worker_slots.any_running()


def _is_dead(name: str) -> bool:
    with worker_slots.if_dead(name) as dead:
        return dead


def test_what_a_killed_writer_wrote_is_undone(home: Path) -> None:
    with another(WRITE) as (writer, said):
        assert said == "written"
        writer.kill()
        writer.wait(60)
        with database.writing() as session:
            assert session.get_one(HomeRow, 1).snapshot < 1000


@pytest.mark.parametrize("names", [("sweep", "release"), ("worker-1", "worker-11")])
def test_locks_of_other_names_are_others(home: Path, names: tuple[str, str]) -> None:
    one, other = (home / "governance" / f"{name}.lock" for name in names)
    with locks.lock(one, timeout=0), locks.lock(other, timeout=0):
        assert locks.is_any_held(home / "governance")
    assert not locks.is_any_held(home / "governance")
