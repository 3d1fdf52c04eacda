"""Delta Lake (delta-rs with DataFusion, in this process): one table, ordered by person and time when it is written."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pyarrow.parquet
from deltalake import DeltaTable, QueryBuilder, write_deltalake

from benchmarks.peers import DAYS, HOURS, RECORDS, TOTALS

ROWS_AT_ONCE = 1_000_000


class Delta:
    name = "Delta"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = QueryBuilder()

    def load(self, rows: Path) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        file = pyarrow.parquet.ParquetFile(rows)
        batches = pyarrow.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(ROWS_AT_ONCE))
        write_deltalake(str(self._folder), batches)
        self._asked = QueryBuilder().register("captures", DeltaTable(str(self._folder)))

    def overview(self, subject: UUID) -> None:
        for question in (TOTALS, DAYS):
            self._ask(question.format(subject=f"'{subject}'"))

    def captured(self, subject: UUID, from_at: datetime, until_at: datetime) -> None:
        moments = {"from_at": f"timestamp '{from_at}'", "until_at": f"timestamp '{until_at}'"}
        for question in (RECORDS, HOURS):
            self._ask(question.format(subject=f"'{subject}'", **moments))

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, question: str) -> None:
        self._asked.execute(question).read_all()
