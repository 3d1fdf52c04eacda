"""ClickHouse, in this process (chdb): a MergeTree table ordered by person and time, merged."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from chdb.session import Session

from benchmarks.peers import DAYS, HOURS, RECORDS, TOTALS

TABLE = """
    create or replace table bench.captures (
        capture_id UUID, subject UUID, captured_at DateTime64(6), signal LowCardinality(String),
        application LowCardinality(String), x Nullable(Int32), y Nullable(Int32), session Nullable(UUID),
        source LowCardinality(String), batch UUID, policy LowCardinality(String), retained_until Date,
        redactions Nullable(String), sealed Nullable(String)
    ) engine = MergeTree order by (subject, captured_at)
"""
FILL = "insert into bench.captures select * from file('{rows}', Parquet)"


class ClickHouse:
    name = "ClickHouse"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._session: Any = cast(Any, Session)(str(folder))
        self._session.query("create database bench")

    def load(self, rows: Path) -> None:
        self._session.query(TABLE)
        self._session.query(FILL.format(rows=rows))
        self._session.query("optimize table bench.captures final")

    def overview(self, subject: UUID) -> None:
        for question in (TOTALS, DAYS):
            self._ask(question.format(subject=f"'{subject}'"))

    def captured(self, subject: UUID, from_at: datetime, until_at: datetime) -> None:
        for question in (RECORDS, HOURS):
            self._ask(question.format(subject=f"'{subject}'", from_at=f"'{from_at}'", until_at=f"'{until_at}'"))

    def close(self) -> None:
        self._session.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, question: str) -> None:
        self._session.query(question.replace("from captures", "from bench.captures"), "ArrowTable")
