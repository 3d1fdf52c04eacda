"""Erasing one person of many, until no byte is left, against DuckDB rewriting their bucket, as plain Parquet, without
them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import duckdb

from benchmarks.company import DAYS, FIRST_DAY, Company
from benchmarks.timing import Result, compare
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import writer

TIMES = 5
SHARING = """
    with people as (select distinct filename, subject from (select filename, subject from captures))
    select min(subject) from people group by filename order by count(*) < 2, min(subject)
"""
BUCKET = """
    select * from captures
    where subject in (
        select subject from (select subject, filename from captures)
        where filename in (select filename from (select subject, filename from captures) where subject = $subject)
    )
    order by subject, captured_at
"""


def measure(company: Company, folder: Path) -> list[Result]:
    """Each turn erases a person of another bucket; shared buckets first."""
    floor = duckdb.connect()
    bucket, rest = folder / "bucket.parquet", folder / "rest.parquet"
    received = FIRST_DAY + timedelta(days=DAYS + 1)

    with writer() as connection:
        maintenance.compact(connection)
        erased = [subject for (subject,) in connection.execute(SHARING).fetchall()]

        def prepare(turn: int) -> None:
            subject = {"subject": erased[turn]}
            floor.register("rows", connection.execute(BUCKET, subject).to_arrow_table())
            floor.execute(f"copy rows to '{bucket}' (format parquet)")
            floor.unregister("rows")

        def ours(turn: int) -> None:
            erasure.remove(connection, erased[turn], Scope(), uuid4(), received)
            maintenance.purge(connection)

        def theirs(turn: int) -> None:
            query = f"copy (from '{bucket}' where subject <> $subject) to '{rest}' (format parquet)"
            floor.execute(query, {"subject": erased[turn]})
            rest.replace(bucket)

        return [
            compare(
                "erase one person for good", "DuckDB rewriting plain Parquet of their bucket without them",
                company.events_each, ours, theirs, times=min(TIMES, len(erased) - 1), prepare=prepare,
            )
        ]  # fmt: skip
