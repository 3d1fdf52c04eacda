"""The overview and the captured view of one person, against DuckDB on a Parquet file of theirs alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import duckdb

import queries
from benchmarks.company import DAYS, FIRST_DAY, Company
from benchmarks.timing import Result, compare
from lake.rules.scope import Scope
from lake.storage.connection import reader, reading

AGAINST = "DuckDB on plain Parquet of this person alone"
TIMES = 15
PAGE = 100  # as in CAPTURED

OVERVIEW = (
    "select count(*), min(captured_at), max(captured_at), count(distinct application), count(distinct signal),"
    " count(redactions), max(retained_until) from own",
    "select captured_at::date as day, signal, application, count(*), count(redactions) from own group by all",
)
CAPTURED = (
    "select * from own where captured_at >= $from_at and captured_at < $until_at order by captured_at, capture_id"
    " limit 100",
    "select date_trunc('hour', captured_at) as hour, signal, application, count(*) from own"
    " where captured_at >= $from_at and captured_at < $until_at group by all",
)


def measure(company: Company, folder: Path) -> list[Result]:
    own = queries.for_request(company.subjects[0], uuid4())
    floor = _floor(company, folder / "own.parquet")
    last_weeks = Scope(from_at=FIRST_DAY + timedelta(days=DAYS - 30), until_at=FIRST_DAY + timedelta(days=DAYS))
    span = {"from_at": last_weeks.from_at, "until_at": last_weeks.until_at}

    def overview(_: int) -> None:
        own.summary()
        own.captures_per_day()

    def captured(_: int) -> None:
        own.records(last_weeks, limit=PAGE)
        own.captures_per_hour(last_weeks)

    return [
        compare(
            "overview of one person", AGAINST, company.events, overview,
            lambda _: [floor.execute(question).df() for question in OVERVIEW], times=TIMES,
        ),
        compare(
            "captured view of one person", AGAINST, company.events, captured,
            lambda _: [floor.execute(question, span).df() for question in CAPTURED], times=TIMES,
        ),
    ]  # fmt: skip


def _floor(company: Company, file: Path) -> duckdb.DuckDBPyConnection:
    lake = reader()
    with reading():
        query = "select * from captures where subject = $subject order by captured_at"
        rows = lake.execute(query, {"subject": company.subjects[0]}).to_arrow_table()
    lake.close()
    floor = duckdb.connect()
    floor.register("rows", rows)
    floor.execute(f"copy rows to '{file}' (format parquet, compression snappy)")
    floor.execute(f"create view own as from '{file}'")
    return floor
