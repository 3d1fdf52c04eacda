"""The captures of an export in three formats, written in one pass: JSON Lines, CSV and Parquet.

JSON Lines is the exact copy: one object per capture. In CSV and Parquet each field of the content has its own column
(`CONTENT_FIELDS`), and all other fields are under `more`.

A spreadsheet treats a cell that starts with = + - @ (also full-width) as a formula and may run it. Spaces, control
characters and quotes before the sign don't prevent this. If the spreadsheet's separator is ; or a tab, each of these
inside a text starts a new cell, as does a line break. So the CSV file has a ' at each such place (`safe_cell`), and
every text is quoted. A plain number (-12, +4.5) is not a formula and stays unchanged. Changed cells are counted.

Other people's words are left out of all three (`third_parties.py`), and `redacted` marks the affected captures.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from governance.export.archive import Sink
from governance.export.third_parties import SIGNALS, OwnWords
from lake.safeguards import ON_REQUEST
from queries.export import SCHEMA

CONTENT_FIELDS = ("text", "element", "title", "url", "message", "author", "action", "button", "key", "dx", "dy")
PLAIN_FIELDS = tuple(name for name in SCHEMA.names if name not in ("redactions", "content"))
ROW_GROUP = 50_000
"""Minimum rows in a Parquet row group; they are in memory until it is written."""

PIECE = 4_000
"""Captures converted to Python values at a time."""

PARQUET_SCHEMA = pa.schema(
    [
        *(SCHEMA.field(name) for name in PLAIN_FIELDS),
        ("redacted", pa.bool_()),
        SCHEMA.field("redactions"),
        *((name, pa.string()) for name in CONTENT_FIELDS),
        ("more", pa.map_(pa.string(), pa.string())),
    ]
)
PARQUET_SCHEMA = PARQUET_SCHEMA.set(
    PARQUET_SCHEMA.get_field_index("captured_at"), pa.field("captured_at", pa.timestamp("us", "UTC"))
)
COLUMNS = tuple(PARQUET_SCHEMA.names)
"""The columns of the CSV and the Parquet file, in order."""

_JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212"
_UNPRINTABLE = "".join(chr(code) for code in range(0x7F, 0x10000) if not chr(code).isprintable())
_UNSEEN = rf'\x00-\x20"\U000e0000-\U000e0fff{_UNPRINTABLE}'
"""Characters that may precede a sign without keeping a spreadsheet, or anyone who retypes the cell, from a formula."""
_CELL_STARTS = r"[;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]"
_FORMULA_STARTS = re.compile(rf"(?:\A|(?<={_CELL_STARTS}))(?=[{_UNSEEN}]*[{_SIGNS}])")
_PLAIN_NUMBER = re.compile(r"[+-]\d+(\.\d+)?", flags=re.ASCII)

_KNOWN_FIELDS = frozenset(CONTENT_FIELDS)
_NO_TEXT_CELLS = ("",) * (len(CONTENT_FIELDS) + 1)

Fields = dict[str, str]


class Captures:
    """One batch of captures, as Python values by column, without the words of others.

    `content` and `redactions` hold one dict per capture; `content` is None if there is no text. `redacted`: words of
    others were left out.
    """

    def __init__(self, batch: pa.RecordBatch, own_words: OwnWords) -> None:
        self.batch = batch
        self.plain: dict[str, list[Any]] = {name: batch.column(name).to_pylist() for name in PLAIN_FIELDS}
        self.redactions: list[dict[str, int]] = [dict(kinds or ()) for kinds in batch.column("redactions").to_pylist()]
        self.content: list[Fields | None] = [
            None if fields is None else dict(fields) for fields in batch.column("content").to_pylist()
        ]
        self.redacted = [False] * len(self.content)
        for place, (signal, content) in enumerate(zip(self.plain["signal"], self.content, strict=True)):
            if signal in SIGNALS and content is not None:
                self.content[place] = left = own_words.only(signal, content)
                self.redacted[place] = left is not content


def pieces(batches: Iterable[pa.RecordBatch], own_words: OwnWords) -> Iterator[Captures]:
    """The captures of batches (`queries.export.SCHEMA`), a few at a time."""
    for batch in batches:
        for start in range(0, batch.num_rows, PIECE):
            yield Captures(batch.slice(start, PIECE), own_words)


@dataclass
class Tally:
    """What was written, counted row by row."""

    captures: int = 0
    others_words: int = 0
    """Captures from which other people's words were left out."""
    unreadable: int = 0
    """Captures whose content can no longer be opened with any key."""
    masked: int = 0
    """Captures in which something was masked before storage."""
    masked_later: int = 0
    """Captures in which a name was masked on somebody's request."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (application, signal)."""
    sources: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (source, application)."""
    changed_cells: int = 0
    """Cells of the CSV file with an added '."""
    redactions: Counter[str] = field(default_factory=Counter)
    """Pieces of text masked before storage, by kind; a capture may have several."""

    def add(self, captures: Captures) -> None:
        times = captures.plain["captured_at"]
        if not times:
            return
        self.captures += len(times)
        self.first_at = self.first_at or times[0]
        self.last_at = times[-1]
        self.kinds.update(zip(captures.plain["application"], captures.plain["signal"], strict=True))
        self.sources.update(zip(captures.plain["source"], captures.plain["application"], strict=True))
        self.unreadable += sum(captures.plain["unreadable"])
        self.others_words += sum(captures.redacted)
        for redactions in filter(None, captures.redactions):
            before = {kind: number for kind, number in redactions.items() if kind != ON_REQUEST}
            self.masked += bool(before)
            self.masked_later += ON_REQUEST in redactions
            self.redactions.update(before)

    @property
    def redacted(self) -> int:
        """Captures that were written with some text left out."""
        return self.others_words + self.unreadable


class JsonLines:
    """Writes captures as JSON, one object per line."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, captures: Captures) -> None:
        names = (*PLAIN_FIELDS, "redacted", "redactions", "content")
        columns = (*captures.plain.values(), captures.redacted, captures.redactions, captures.content)
        rows = zip(*columns, strict=True)
        self._sink.write(b"".join([orjson.dumps(dict(zip(names, row, strict=True)), option=_JSON) for row in rows]))


class Csv:
    """Writes captures as CSV (RFC 4180) with a header, in UTF-8 with a byte order mark, as spreadsheets expect."""

    def __init__(self, sink: Sink) -> None:
        self.changed = 0
        """Cells that differ from what was captured."""
        self._sink = sink
        self._sink.write(("\ufeff" + ",".join(COLUMNS) + "\r\n").encode())

    def write(self, captures: Captures) -> None:
        columns = captures.plain | {"redacted": captures.redacted}
        plain = [self._cells(name, values) for name, values in columns.items()]
        rows = zip(*plain, captures.redactions, captures.content, strict=True)
        lines = io.StringIO(newline="")
        csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC).writerows(
            (*row, self._safe(_redaction_cell(kinds)), *map(self._safe, _text_cells(text)))
            for *row, kinds, text in rows
        )
        self._sink.write(lines.getvalue().encode())

    def _cells(self, name: str, values: list[Any]) -> Iterable[Any]:
        """The cells of a column that every capture has."""
        if name == "captured_at":
            return [f"{time.isoformat()}Z" for time in values]
        if name in ("unreadable", "redacted"):
            return ["true" if value else "false" for value in values]
        if name in ("signal", "application", "source", "policy"):
            safe = {value: safe_cell(value) for value in set(values)}
            self.changed += sum(safe[value] != value for value in values)
            return [safe[value] for value in values]
        return values

    def _safe(self, text: str) -> str:
        safe = safe_cell(text) if text else ""
        self.changed += safe != text
        return safe


class Parquet:
    """Writes captures as Parquet; complete at the end of the `with` block."""

    def __init__(self, sink: Any) -> None:
        self._writer = pq.ParquetWriter(sink, PARQUET_SCHEMA, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def write(self, captures: Captures) -> None:
        plain = [captures.batch.column(name) for name in PLAIN_FIELDS]
        plain[PLAIN_FIELDS.index("captured_at")] = pc.assume_timezone(captures.batch.column("captured_at"), "UTC")
        texts = [[fields.get(name) if fields else None for fields in captures.content] for name in CONTENT_FIELDS]
        more = [list(_more(fields).items()) or None if fields else None for fields in captures.content]
        content = [pa.array(values, pa.string()) for values in texts]
        marks = [pa.array(captures.redacted, pa.bool_()), captures.batch.column("redactions")]
        columns = [*plain, *marks, *content, pa.array(more, PARQUET_SCHEMA.field("more").type)]
        self._waiting.append(pa.RecordBatch.from_arrays(columns, schema=PARQUET_SCHEMA))
        if sum(batch.num_rows for batch in self._waiting) >= ROW_GROUP:
            self._write_group()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error the end is written too, where possible: an unfinished writer would try it later.
        with suppress(*(() if kind is None else (OSError,))):
            if kind is None:
                self._write_group()
            self._writer.close()

    def _write_group(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, PARQUET_SCHEMA))
            self._waiting = []


def safe_cell(text: str) -> str:
    """The text, with a ' wherever a spreadsheet could see a cell start with a formula, whatever separator it uses."""
    return text if _PLAIN_NUMBER.fullmatch(text) else _FORMULA_STARTS.sub("'", text)


def _redaction_cell(kinds: Mapping[str, int]) -> str:
    return "; ".join(f"{kind}: {number}" for kind, number in sorted(kinds.items())) if kinds else ""


def _text_cells(fields: Fields | None) -> Sequence[str]:
    if not fields:
        return _NO_TEXT_CELLS
    more = _more(fields)
    return [*(fields.get(name, "") for name in CONTENT_FIELDS), orjson.dumps(more).decode() if more else ""]


def _more(fields: Fields) -> Fields:
    """The fields that have no column."""
    return {name: fields[name] for name in fields if name not in _KNOWN_FIELDS}
