"""Resource use of a running product: memory and descriptors of each process; files and snapshots of the lake; rows of
the queue, sizes of databases and logs. Written to a CSV file, one line per sample."""

from __future__ import annotations

import csv
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from lake.storage.connection import LakeUnavailable, reader_once
from lake.storage.maintenance import size
from tests.trials.product import Product

EVERY_SECONDS = 30.0
GROWN = 1.25
"""A figure is flat if its last third is at most this many times its value at the end of the first third."""
PAGE = 4096


@dataclass
class Samples:
    """All samples: seconds since the start, and the figures by name."""

    rows: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    def told(self) -> str:
        """First third and last third of each figure, and whether it is flat."""
        third = self.rows[-1][0] / 3
        lines = [f"{'figure':34}{'first third':>14}{'last third':>14}   "]
        for name in self.rows[-1][1]:
            early = [row[name] for at, row in self.rows if third * 0.5 <= at <= third and name in row]
            late = [row[name] for at, row in self.rows if at >= 2 * third and name in row]
            if not early or not late:
                continue
            first, last = statistics.median(early), statistics.median(late)
            grown = last > first * GROWN and last - first > 8
            lines.append(f"{name:34}{first:14,.0f}{last:14,.0f}   {'NOT FLAT' if grown else 'flat'}")
        return "\n".join(lines)


@contextmanager
def sampling(product: Product, file: Path, every: float = EVERY_SECONDS) -> Iterator[Samples]:
    """Take samples until the block ends."""
    samples, stop, began = Samples(), threading.Event(), time.monotonic()

    def sample() -> None:
        while not stop.is_set():
            samples.rows.append((time.monotonic() - began, figures(product)))
            _write(samples, file)
            stop.wait(every)

    thread = threading.Thread(target=sample, name="samples", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        stop.set()
        thread.join()
        samples.rows.append((time.monotonic() - began, figures(product)))
        _write(samples, file)


def figures(product: Product) -> dict[str, float]:
    """Memory in MB, sizes in kB, the rest counted."""
    found: dict[str, float] = {}
    for name, process in product.processes.items():
        with suppress(OSError):
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            found[f"{name} memory MB"] = pages * PAGE / 1e6
            found[f"{name} descriptors"] = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        found[f"{name} log kB"] = product.log(name).stat().st_size / 1e3
    lake, governance = product.home / "lake", product.home / "governance"
    found["lake files"] = len(list((lake / "data").rglob("*.parquet")))
    found["lake snapshots"] = _snapshots()
    found["queue rows"] = _count(governance / "work.sqlite", "select count(*) from workflow_status")
    found["queue steps"] = _count(governance / "work.sqlite", "select count(*) from operation_outputs")
    found["requests"] = _count(governance / "governance.sqlite", "select count(*) from request")
    found["keys"] = _count(governance / "governance.sqlite", "select count(*) from idempotency_key")
    for path in sorted(product.home.rglob("*.sqlite*")):
        with suppress(OSError):
            found[f"{path.name} kB"] = path.stat().st_size / 1e3
    return found


def _count(database: Path, question: str) -> float:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            return float(connection.execute(question).fetchone()[0])
    except sqlite3.Error:
        return float("nan")


def _snapshots() -> float:
    """Asked through the lake: this process also writes to it, and Python's SQLite would release the locks of DuckDB's
    (`lake.storage.catalogs.vacuum`), which once ended in a bus error."""
    try:
        with reader_once() as connection:
            return float(size(connection).snapshots)
    except (LakeUnavailable, duckdb.Error):
        return float("nan")


def _write(samples: Samples, file: Path) -> None:
    names = list(dict.fromkeys(name for _, row in samples.rows for name in row))
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["seconds", *names])
        writer.writerows([round(at), *(row.get(name, "") for name in names)] for at, row in samples.rows)
