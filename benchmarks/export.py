"""The export of one person: its time against DuckDB writing the same rows in the same three formats, and its memory.

    python -m benchmarks.export --captures 5000000

builds a home with that many captures of one person, exports it in a separate process, and prints how much memory that
process needed beyond its idle use, and the counts, which must add up. The home is deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import governance.worker.process  # noqa: F401  # what a worker has in memory when it is idle
import queries
from benchmarks.company import Company, captures, fill_directory
from benchmarks.servers.processes import memory
from benchmarks.timing import Result, compare
from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from governance.export import write_export
from governance.export.archive import COMPRESSION_LEVEL
from governance.operations import first_start
from lake.rules.scope import Scope
from lake.storage.connection import writer
from lake.storage.objects import at
from lake.storage.store import ARROW_SCHEMA, store
from queries.connection import snapshot
from queries.export import captures_batches

TIMES = 3
AT_ONCE = 250_000
COLLEAGUE = "person1@example.com"
FORMS = {"jsonl": "format json", "csv": "format csv, header", "parquet": "format parquet, compression zstd"}


def measure(company: Company, folder: Path) -> list[Result]:
    """Everything of the person whose views are measured."""
    subject = company.subjects[0]
    floor = duckdb.connect()
    floor.register("batches", pa.Table.from_batches(captures_batches(queries.for_request(subject, uuid4()), Scope())))
    floor.execute("create table captures as from batches")

    def ours(turn: int) -> None:
        write_export(queries.for_request(subject, uuid4()), uuid4(), at(folder / f"{turn}.sealed"))

    def theirs(turn: int) -> None:
        with zipfile.ZipFile(
            folder / f"{turn}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL
        ) as archive:
            for name, options in FORMS.items():
                floor.execute(f"copy captures to '{folder / name}' ({options})")
                archive.write(folder / name)

    return [
        compare(
            "export everything of one person", "DuckDB writing plain rows as JSON, CSV, Parquet into a ZIP, unsealed",
            company.events_each, ours, theirs, times=TIMES,
        )
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=__doc__)
    parser.add_argument("--captures", type=int, default=200_000, help="captures of one person (default: %(default)s)")
    parser.add_argument("--of", type=UUID, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.of:
        print(json.dumps(_export(arguments.of)))
        return 0
    with tempfile.TemporaryDirectory(prefix="open-book-export-") as folder:
        os.environ["OPENBOOK_HOME"] = str(Path(folder) / "home")
        first_start.init()
        started = time.perf_counter()
        subject = _build(arguments.captures, Path(folder))
        print(f"{arguments.captures:,} captures stored: {time.perf_counter() - started:.0f} s")
        command = [sys.executable, "-m", "benchmarks.export", "--of", str(subject)]
        needed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    above = needed["peak_mb"] - needed["idle_mb"]
    print(f"exported in {needed['seconds']:.0f} s, {needed['size'] / 1e6:,.0f} MB; {needed['counts']}")
    print(f"memory: {needed['idle_mb']:.0f} MB idle, {needed['peak_mb']:.0f} MB at most: {above:.0f} MB above idle")
    counts = needed["counts"]
    return int(counts["catalogued"] != arguments.captures or above >= 300)


def _export(subject: UUID) -> dict[str, object]:
    """In the measured process: idle, like a worker, and then at its peak."""
    own = queries.for_request(subject, uuid4())
    with snapshot() as cursor:
        cursor.execute("select 1")
    idle = memory("VmRSS")
    path = Path(os.environ["OPENBOOK_HOME"]) / "export.sealed"
    started = time.perf_counter()
    file = write_export(own, uuid4(), at(path))
    return {
        "idle_mb": idle,
        "peak_mb": memory("VmHWM"),
        "seconds": time.perf_counter() - started,
        "size": file.size,
        "counts": file.counts,
    }


def _build(count: int, folder: Path) -> UUID:
    subject, _ = fill_directory(2, folder / "directory.csv")
    keys = KeyRing()
    sealer = Sealer(keys.create_content_key(subject, Oneself(subject)))
    with writer() as connection:
        for seed, start in enumerate(range(0, count, AT_ONCE)):
            batch, rows = captures(subject, seed, min(AT_ONCE, count - start), really_sealed=True)
            store(connection, batch, _with_messages(rows, sealer))
    return subject


def _with_messages(rows: pa.Table, sealer: Sealer) -> pa.Table:
    """The navigations as messages, every other one by a colleague."""
    places = np.flatnonzero(pc.equal(rows["signal"], "navigation").to_numpy(zero_copy_only=False))
    ids, sealed = rows["capture_id"].to_pylist(), rows["sealed"].to_pylist()
    signals = rows["signal"].to_pylist()
    for number, place in enumerate(places.tolist()):
        content = {"message": "The quarterly report is in the shared folder.", "title": "#orders"}
        if number % 2:
            content["author"] = COLLEAGUE
        sealed[place] = sealer.seal(UUID(bytes=ids[place]), content)
        signals[place] = "message"
    columns = {name: rows[name] for name in ARROW_SCHEMA.names}
    columns |= {"sealed": pa.array(sealed, pa.binary()), "signal": pa.array(signals)}
    return pa.table([columns[name] for name in ARROW_SCHEMA.names], schema=ARROW_SCHEMA)


if __name__ == "__main__":
    sys.exit(main())
