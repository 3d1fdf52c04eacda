"""An Arrow table of which only the newest rows are in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from lake.spools.blocks import Blocks

IN_MEMORY = 16 << 20
"""Bytes."""
TOGETHER = 50_000
"""Rows."""


class Tables:
    """Rows of one schema, in the order in which they were added; may be read more than once."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema, self.num_rows = schema, 0
        self._blocks = Blocks()
        self._fresh: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Raises OSError."""
        self._fresh.append(rows)
        self.num_rows += rows.num_rows
        if sum(each.nbytes for each in self._fresh) > IN_MEMORY:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, self.schema) as stream:
                for each in self._fresh:
                    stream.write_table(each)
            self._blocks.add(sink.getvalue().to_pybytes())
            self._fresh = []

    def __iter__(self) -> Iterator[pa.Table]:
        """Some rows at a time; at least one table. Raises OSError."""
        for number in range(len(self._blocks)):
            yield pa.ipc.open_stream(self._blocks.read(number)).read_all()
        if self._fresh or not self._blocks:
            yield pa.concat_tables([self.schema.empty_table(), *self._fresh])


def table_of(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows with their values in the order of the schema."""
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


class Current:
    """One table after the other under one name of a connection. DuckDB keeps each table that it is given until its
    transaction ends."""

    def __init__(self, schema: pa.Schema) -> None:
        self.table = schema.empty_table()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def gathered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """All of their rows in tables of at least `TOGETHER` rows, and a last one."""
    some: list[pa.Table] = []
    count = 0
    for table in tables:
        some.append(table)
        count += table.num_rows
        if count >= TOGETHER:
            yield pa.concat_tables(some)
            some, count = [], 0
    if some:
        yield pa.concat_tables(some)
