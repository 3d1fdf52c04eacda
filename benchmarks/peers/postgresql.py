"""PostgreSQL 18 on this machine: one table, in the order of an index on person and time."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from uuid import UUID

import duckdb
import psycopg

from benchmarks.peers import DAYS, HOURS, RECORDS, TOTALS
from tests.support.postgres import serving

MEMORY = ("shared_buffers = '512MB'", "work_mem = '64MB'", "maintenance_work_mem = '256MB'", "max_wal_size = '4GB'")

TABLE = """
    create table captures (
        capture_id uuid, subject uuid, captured_at timestamp, signal text, application text, x integer, y integer,
        session uuid, source text, batch uuid, policy text, retained_until date, redactions text, sealed bytea
    )
"""
AS_TEXT = """
    select * replace (case when sealed is not null then '\\x' || hex(sealed) end as sealed) from '{rows}'
    order by subject, captured_at
"""


class PostgreSQL:
    name = "PostgreSQL"

    def __init__(self) -> None:
        self._open = ExitStack()
        server = self._open.enter_context(serving())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for setting in MEMORY:
                connection.execute(f"alter system set {setting}")
        server.stop()
        server.start()
        self._url = server.url()
        self._connection = self._open.enter_context(psycopg.connect(self._url, autocommit=True))

    def load(self, rows: Path) -> None:
        self._connection.execute("drop table if exists captures")
        self._connection.execute(TABLE)
        values = rows.with_suffix(".csv")
        duckdb.sql(f"copy ({AS_TEXT.format(rows=rows)}) to '{values}' (format csv, header false)")
        with self._connection.cursor().copy("copy captures from stdin (format csv)") as into, values.open("rb") as file:
            while part := file.read(1 << 20):
                into.write(part)
        values.unlink()
        self._connection.execute("create index by_person on captures (subject, captured_at)")
        self._connection.execute("vacuum analyze captures")

    def overview(self, subject: UUID) -> None:
        for question in (TOTALS, DAYS):
            self._ask(question, {"subject": subject})

    def captured(self, subject: UUID, from_at: datetime, until_at: datetime) -> None:
        for question in (RECORDS, HOURS):
            self._ask(question, {"subject": subject, "from_at": from_at, "until_at": until_at})

    def close(self) -> None:
        self._open.close()

    def _ask(self, question: str, values: dict[str, object]) -> None:
        places = {name: f"%({name})s" for name in ("subject", "from_at", "until_at")}
        self._connection.execute(question.format(**places), values).fetchall()
