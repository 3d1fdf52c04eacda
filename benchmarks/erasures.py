"""Erasing one person of many, until no byte is left. Against DuckDB rewriting their bucket, as plain Parquet, without
them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import duckdb

from benchmarks.company import DAYS, FIRST_DAY, Company
from benchmarks.timing import Result, compare
from lake import erasure, maintenance
from lake.connection import writer
from lake.scope import Scope

TIMES = 5
BUCKET = """
    select * from captures
    where subject in (
        select subject from (select subject, filename from captures)
        where filename in (select filename from (select subject, filename from captures) where subject = $subject)
    )
    order by subject, captured_at
"""


def measure(company: Company, folder: Path) -> list[Result]:
    """Each turn erases another person, from the last one on."""
    floor = duckdb.connect()
    bucket, rest = folder / "bucket.parquet", folder / "rest.parquet"
    received = FIRST_DAY + timedelta(days=DAYS + 1)

    with writer() as connection:
        maintenance.compact(connection)

        def prepare(turn: int) -> None:
            subject = {"subject": company.subjects[-1 - turn]}
            floor.register("rows", connection.execute(BUCKET, subject).to_arrow_table())
            floor.execute(f"copy rows to '{bucket}' (format parquet)")
            floor.unregister("rows")

        def ours(turn: int) -> None:
            erasure.remove(connection, company.subjects[-1 - turn], Scope(), uuid4(), received)
            maintenance.purge(connection)

        def theirs(turn: int) -> None:
            query = f"copy (from '{bucket}' where subject <> $subject) to '{rest}' (format parquet)"
            floor.execute(query, {"subject": company.subjects[-1 - turn]})
            rest.replace(bucket)

        return [
            compare(
                "erase one person for good", "DuckDB rewriting plain Parquet of their bucket without them",
                company.events_each, ours, theirs, times=TIMES, prepare=prepare,
            )
        ]  # fmt: skip
