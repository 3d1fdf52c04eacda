"""Writes a line of JSON for each row of a Parquet file or an Arrow IPC stream: standard input to standard output.

Run as a separate program, because damaged columns can end the process that reads them, or unpack to any size: it has
limits of memory and time, and nothing else. It gets the kind, how many rows there may be, and the names of the columns
and of the fields of `content`. A body that can't be used ends with a line `!reason`, or without the line `.`.
"""

from __future__ import annotations

import base64
import io
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS_AT_ONCE = 1_000
BYTES_AT_ONCE = 16 << 20
LARGEST_RECORD = 32 << 20
MEMORY = 1 << 30
SECONDS = 60
TOO_MANY_ROWS = "too many rows"
PARQUET = "parquet"
NUMBERS = {"x", "y", "dx", "dy"}
NUMERIC = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnusableColumns(ValueError):
    """The body can't be used; the message says why, without what it holds."""


class Known:
    """The columns that there may be."""

    def __init__(self, columns: list[str], content: list[str]) -> None:
        self._columns, self._content = columns, content

    def require(self, schema: pa.Schema) -> None:
        """Raises UnusableColumns."""
        self._require_names(list(schema), self._columns, "Known columns are")
        for column in schema:
            if column.name == "content" and not pa.types.is_null(column.type):
                fields = list(column.type) if pa.types.is_struct(column.type) else []
                self._require_names(fields, self._content, "The column content has to be a struct of")
                for field in fields:
                    _require_type(field)
            elif column.name == "windows" and _is_list(column.type):
                pass  # each is checked as a part of its record
            else:
                _require_type(column)

    def _require_names(self, fields: list[pa.Field], known: list[str], words: str) -> None:
        names = [field.name for field in fields]
        if not names or len(set(names)) < len(names) or not set(names) <= set(known):
            raise UnusableColumns(f"{words} {', '.join(known)}; each may be there once.")


def lines_of(kind: str, body: bytes, most: int, known: Known) -> Iterator[bytes]:
    """A line for each row. Raises UnusableColumns, and what PyArrow raises."""
    rows = 0
    for batch in _parquet(body, known) if kind == PARQUET else _arrow(body, known):
        rows += batch.num_rows
        if rows > most:
            raise UnusableColumns(TOO_MANY_ROWS)
        batch.validate(full=True)
        yield from _lines(batch)


def _parquet(body: bytes, known: Known) -> Iterator[pa.RecordBatch]:
    file = pq.ParquetFile(pa.BufferReader(body))
    known.require(file.schema_arrow)
    texts = [file.schema.column(each).path for each in range(len(file.schema))]
    # Kept as dictionaries, a text that many rows share is in memory once.
    file = pq.ParquetFile(pa.BufferReader(body), read_dictionary=texts)
    yield from file.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False)


def _arrow(body: bytes, known: Known) -> Iterator[pa.RecordBatch]:
    with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
        known.require(stream.schema)
        yield from stream


def _require_type(column: pa.Field) -> None:
    """Raises UnusableColumns."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_null(kind):
        return
    if column.name in NUMBERS:
        fits, wanted = any(is_one(kind) for is_one in NUMERIC), "numbers"
    elif column.name == "time" and pa.types.is_timestamp(column.type):
        fits, wanted = True, ""
    elif column.name == "picture":
        fits, wanted = _is_bytes(kind), "binary data"
    else:
        fits, wanted = _is_text(kind), "text"
    if not fits:
        raise UnusableColumns(f"The column {column.name} has to hold {wanted}.")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _lines(batch: pa.RecordBatch) -> Iterator[bytes]:
    longest = 1 + sum(_longest(column) for column in batch.columns)
    if longest > LARGEST_RECORD:
        raise UnusableColumns("A record may be larger than the whole body may be.")
    some = max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // longest))
    for start in range(0, batch.num_rows, some):
        part = batch.slice(start, some)
        columns = [(name, _values(part.column(place))) for place, name in enumerate(batch.schema.names)]
        for row in range(part.num_rows):
            record = {name: _plain(values[row]) for name, values in columns if values[row] is not None}
            yield orjson.dumps(record, default=float)


def _longest(column: pa.Array) -> int:
    """Bytes that a value of it has at most."""
    if pa.types.is_struct(column.type):
        return sum(_longest(column.field(place)) for place in range(column.type.num_fields))
    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    if _is_list(column.type):
        return int(column.nbytes)
    if not _is_text(column.type) and not _is_bytes(column.type):
        return 8
    return pc.max(pc.binary_length(column)).as_py() or 0


def _values(column: pa.Array) -> list[Any]:
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    of_second = _UNITS[column.type.unit]
    moments = column.cast(pa.int64()).to_pylist()
    return [None if moment is None else _iso(moment * 1_000_000 // of_second) for moment in moments]


def _iso(microseconds: int) -> str:
    """Empty if no calendar has it: then its record can't be used."""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).isoformat()
    except OverflowError:
        return ""


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main(kind: str, most: str, columns: str, content: str) -> None:
    """Standard input to standard output."""
    _limit()
    pa.set_cpu_count(1)
    out = io.BufferedWriter(io.FileIO(1, "wb", closefd=False), 1 << 20)
    try:
        known = Known(columns.split(","), content.split(","))
        for line in lines_of(kind, sys.stdin.buffer.read(), int(most), known):
            out.write(line + b"\n")
        out.write(b".\n")
    except UnusableColumns as error:
        out.write(b"!" + str(error).encode() + b"\n")
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        out.write(b"!\n")
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
