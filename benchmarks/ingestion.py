"""Ingesting captures: prepared rows into the lake, and a whole recording through the safeguards, against DuckDB
writing the same rows, sorted, to a plain Parquet file."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

import lake.ingest.ingesting
from benchmarks.company import FIRST_DAY, Company, captures
from benchmarks.timing import Result, compare
from lake.rules.policies import Policy, apply_policies
from lake.storage.connection import writer
from lake.storage.store import Batch, store

AGAINST = "DuckDB writing the same rows, sorted, to plain Parquet"
TIMES = 5
LINES = 5_000


def measure(company: Company, folder: Path) -> list[Result]:
    return [_prepared_rows(company, folder / "prepared.parquet"), _recording(folder)]


def _prepared_rows(company: Company, file: Path) -> Result:
    """Each turn doubles the captures of a person, in a lake that is already full."""
    prepared: dict[int, tuple[Batch, pa.Table]] = {}
    floor = duckdb.connect()

    def prepare(turn: int) -> None:
        number = 1 + turn % (len(company.subjects) - 1)
        prepared[turn] = captures(company.subjects[number], 1_000_000 + turn, company.events_each)
        floor.register("rows", prepared[turn][1])

    with writer() as connection:
        return compare(
            "ingest: store prepared rows", AGAINST, company.events_each,
            lambda turn: store(connection, *prepared[turn]),
            lambda _: _write_sorted(floor, file), times=TIMES, prepare=prepare,
        )  # fmt: skip


def _recording(folder: Path) -> Result:
    """A UI log, read from its CSV file; the floor reads the same file, parses nothing and masks nothing."""
    everything = Policy(
        "benchmark", "Benchmark", "model training", "none", ["keystroke", "form_edit", "navigation", "clipboard"],
        ["Chrome", "Excel"], ["mask", "drop_passwords"], 365_0, date(2020, 1, 1),
        announced_on=date(2019, 12, 1), announced_by="benchmark",
    )  # fmt: skip
    with writer() as connection:
        apply_policies(connection, [everything])
    floor = duckdb.connect()

    def theirs(turn: int) -> None:
        floor.execute(f"create or replace view rows as from read_csv('{_log(folder, turn)}', all_varchar = true)")
        floor.execute(f"copy (from rows order by \"timeStamp\") to '{folder / 'log.parquet'}' (format parquet)")

    return compare(
        "ingest: a UI log, examined and sealed", "DuckDB turning the same CSV file into sorted, plain Parquet", LINES,
        lambda turn: lake.ingest.ingesting.ingest("ui-log", str(_log(folder, turn)), "person0@example.com"),
        theirs, times=TIMES, prepare=lambda turn: _write_log(_log(folder, turn), turn),
    )  # fmt: skip


def _log(folder: Path, turn: int) -> Path:
    return folder / f"log{turn}.csv"


def _write_log(file: Path, turn: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(
            ["timeStamp", "userID", "targetApp", "eventType", "url", "content", "target.name", "target.type",
             "target.value"]
        )  # fmt: skip
        start = FIRST_DAY - timedelta(days=1 + turn)
        for line in range(LINES):
            at = (start + timedelta(seconds=5 * line)).isoformat(timespec="milliseconds") + "Z"
            kind = line % 3
            if kind == 0:
                table.writerow([at, "recorder", "Chrome", "navigate_to", f"https://example.com/{line}", *[""] * 4])
            elif kind == 1:
                value = f"Order {line} for ada@example.com"
                table.writerow([at, "recorder", "Chrome", "editField", "", "", "comment", "text", value])
            else:
                table.writerow([at, "recorder", "Excel", "getCell", "", "", "", "", f"Total of row {line}"])


def _write_sorted(floor: duckdb.DuckDBPyConnection, file: Path) -> None:
    floor.execute(f"copy (from rows order by subject, captured_at) to '{file}' (format parquet)")
