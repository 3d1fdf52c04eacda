"""How long workers take to store what recorders sent: four in a lake of four shards, against one in a lake of one, and
against four in a lake of one.

The same bodies wait in each home, which are copies. The processes are ready before the clock starts; it stops when
nothing waits any more. `python -m benchmarks.servers.storing` measures only this, with the processor time of the
workers, in turns; each best time counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from benchmarks.company import fill_directory
from benchmarks.servers.intake import PEOPLE, lines_of
from benchmarks.servers.processes import memory, processor_seconds
from benchmarks.timing import Result
from governance.db import database
from governance.intake import batches, storing
from governance.intake.taking import Taking
from governance.operations import first_start
from lake.rules.policies import apply_policies
from lake.safeguards.patterns import find
from lake.storage.connection import reader_once, writer
from lake.storage.shards import placing
from lake.storage.shards.moving import spread
from queries.connection import answering, close
from tests.support.lake import POLICY

BODIES, RECORDS = 40, 2_500
TURNS = 2
MANY = 4
LOOK_SECONDS = 0.25
WORKER = "worker"


@dataclass(frozen=True)
class Setup:
    """A home, and how many workers store in it."""

    name: str
    shards: int
    workers: int


ONE = Setup("1 worker, 1 shard", 1, 1)
SAME_LAKE = Setup(f"{MANY} workers, 1 shard", 1, MANY)
DIVIDED = Setup(f"{MANY} workers, {MANY} shards", MANY, MANY)


@dataclass(frozen=True)
class Took:
    """What it took to store everything: seconds, those of processors, and the memory of the largest worker in MB."""

    seconds: float
    processor: float
    memory: float


def main() -> int:
    if sys.argv[1:] == [WORKER]:
        _work()
        return 0
    with tempfile.TemporaryDirectory(prefix="open-book-storing-") as folder:
        table = Table("workers and shards", "seconds", "processor seconds", "MB of a worker", "records a second")
        for setup, took in _measured(Path(folder)).items():
            speed = BODIES * RECORDS / took.seconds
            table.add_row(
                setup.name, f"{took.seconds:.1f}", f"{took.processor:.1f}", f"{took.memory:.0f}", f"{speed:,.0f}"
            )
    Console().print(table)
    return 0


def measure(folder: Path) -> list[Result]:
    """It uses homes of its own below `folder`."""
    took = _measured(folder)
    ours = took[DIVIDED].seconds
    return [
        Result(
            f"{MANY} workers store what recorders sent, {MANY} shards", round(ours / theirs.seconds, 2), other.name,
            round(ours * 1000, 1), round(theirs.seconds * 1000, 1), BODIES * RECORDS,
        )
        for other, theirs in took.items()
        if other != DIVIDED
    ]  # fmt: skip


def _measured(folder: Path) -> dict[Setup, Took]:
    """The fastest turn of each."""
    before = os.environ.get("OPENBOOK_HOME", "")
    found: dict[Setup, list[Took]] = {ONE: [], SAME_LAKE: [], DIVIDED: []}
    try:
        with _in_home(folder / "landed"):
            _land(folder)
        for turn in range(TURNS):
            for setup, took in found.items():
                place = folder / f"storing{turn}"
                shutil.copytree(folder / "landed", place)
                with _in_home(place):
                    spread(setup.shards)
                    took.append(_store(setup.workers))
                shutil.rmtree(place)
    finally:
        os.environ["OPENBOOK_HOME"] = before
    return {setup: min(took, key=lambda one: one.seconds) for setup, took in found.items()}


@contextmanager
def _in_home(place: Path) -> Iterator[None]:
    os.environ["OPENBOOK_HOME"] = str(place)
    try:
        yield
    finally:
        close()
        database.close()


def _land(folder: Path) -> None:
    first_start.init()
    (folder / "of_the_intake").mkdir()
    fill_directory(PEOPLE, folder / "of_the_intake" / "directory.csv")
    with writer() as connection:
        apply_policies(connection, [replace(POLICY, safeguards=["mask", "drop_passwords"])])
    for number in range(BODIES):
        taking = Taking("recorder", str(uuid4()), 0)
        taking.take(lines_of(number, RECORDS))
        taking.finish()


def _store(workers: int) -> Took:
    with ExitStack() as running:
        processes = [running.enter_context(_worker()) for _ in range(workers)]
        for process in processes:
            _said(process)
        before = sum(processor_seconds(process.pid) for process in processes)
        started = time.perf_counter()
        for process in processes:
            _tell(process)
        for process in processes:
            _said(process)
        took = Took(
            time.perf_counter() - started,
            sum(processor_seconds(process.pid) for process in processes) - before,
            max(memory("VmHWM", process.pid) for process in processes),
        )
    with reader_once() as connection:
        stored = connection.execute("select count(*), count(distinct capture_id) from captures").fetchall()
    if stored != [(BODIES * RECORDS,) * 2]:
        raise RuntimeError(f"not everything was stored once: {stored}")
    return took


def _work() -> None:
    """It says that it is ready, waits for a line, stores, says that it is done, and waits for another one."""
    answering(placing.read)
    find("4539 5787 6362 1486")  # loads what the safeguards need, which each process does once
    for work in (None, storing.store_due):
        while work is not None and batches.oldest_waiting() is not None:
            work()
            time.sleep(LOOK_SECONDS)
        print(flush=True)
        sys.stdin.readline()


@contextmanager
def _worker() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", __spec__.name, WORKER]
    at_once = {**os.environ, "OPENBOOK_INTAKE_SECONDS": "0"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=at_once)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _said(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError("a worker ended early")


def _tell(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


if __name__ == "__main__":
    sys.exit(main())
