"""Reads a CSV file (RFC 4180) so that a broken row costs only that row.

A quote that is never closed would swallow the rest of the file. So when a row is incomplete (bad quoting, wrong number
of fields, too large), only its first line is discarded and reading starts again at the next line.

Some loggers quote every field but don't double the quotes inside one. A line that can't be read otherwise, starts
and ends with a quote and splits into the right number of fields at `","` is read that way.
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lake.connectors.lines import lines, opened
from lake.connectors.records import (
    RECORD_LIMIT,
    TOO_LARGE,
    InvalidRecord,
    InvalidSource,
    Quarantined,
    Record,
    Relative,
)

ROW_LINES = 1000
"""The most lines that one row may span."""

SEPARATORS = ",;\t"

ENDLESS = "a quote is never closed"


def rows(file: BinaryIO, separators: str = ",") -> Iterator[tuple[int, list[str]] | Quarantined]:
    """Each row with the number of its first line; the first one, the header, determines the number of fields.

    Blank lines are skipped. An unreadable first row is Quarantined with line 1. After a row with an unclosed quote,
    unreadable lines count as its remains. The separator is the one of `separators` that the header has most of; of
    several, the first.
    """
    csv.field_size_limit(RECORD_LIMIT)
    source = lines(file)
    waiting: deque[bytes | None] = deque()
    used: list[bytes | None] = []
    number, width, in_remains, separator = 1, 0, False, separators[0]
    reader = None
    while True:
        if not width or in_remains:
            line = waiting.popleft() if waiting else next(source, b"")
            if line == b"":
                return
            if line and not width:
                separator, reader = max(separators, key=line.decode("latin-1").count), None
            if in_remains and line and b'"' not in line and line.count(separator.encode()) + 1 != width:
                number += 1
                continue
            waiting.appendleft(line)
        if reader is None:
            reader = csv.reader(_decoded(waiting, source, used), strict=True, delimiter=separator)
        used.clear()
        try:
            fields = next(reader, None)
            if fields is None:
                return
            if fields and width and len(fields) != width:
                raise InvalidRecord(f"{len(fields)} fields instead of {width}")
        except (InvalidRecord, csv.Error) as error:
            reason, reader = str(error) if isinstance(error, InvalidRecord) else "the quotes don't match up", None
            waiting.extendleft(reversed(used[1:]))
            del used[1:]
            fields = _undoubled(used[0], separator)
            if not width or len(fields) != width:
                fields = []
                if not in_remains:
                    yield Quarantined(number, reason)
                in_remains = in_remains or reason in (TOO_LARGE, ENDLESS)
        if fields:
            width, in_remains = len(fields), False
            yield number, fields
        number += len(used)


def valued(
    table: Iterable[tuple[int, list[str]] | Quarantined], names: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]] | Quarantined]:
    """Each row of `rows` as its values by column, without the empty ones; of columns with one name, the first that
    has a value."""
    are_different = len(set(names)) == len(names)
    for row in table:
        if isinstance(row, Quarantined):
            yield row
            continue
        line, fields = row
        pairs = zip(names, fields, strict=True)
        if are_different:
            yield line, {name: value for name, value in pairs if value}
            continue
        values: dict[str, str] = {}
        for name, value in pairs:
            if value:
                values.setdefault(name, value)
        yield line, values


def _decoded(waiting: deque[bytes | None], source: Iterator[bytes | None], used: list[bytes | None]) -> Iterator[str]:
    """The lines that wait, then those of the source; those of the current row are added to `used`."""
    size = 0
    while (line := waiting.popleft() if waiting else next(source, b"")) != b"":
        size = len(line or b"") + (size if used else 0)
        used.append(line)
        if line is None or size > RECORD_LIMIT:
            raise InvalidRecord(TOO_LARGE)
        if len(used) > ROW_LINES:
            raise InvalidRecord(ENDLESS)
        try:
            yield line.removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            raise InvalidRecord("not UTF-8 text") from error


def _undoubled(line: bytes | None, separator: str) -> list[str]:
    """The fields of a line whose fields are all quoted, with undoubled quotes inside; [] if it is not such a line."""
    try:
        text = (line or b"").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return []
    return text[1:-1].split(f'"{separator}"') if len(text) > 1 and text[0] == text[-1] == '"' else []


@dataclass(frozen=True)
class InputCsv(Relative, ABC):
    """A connector of CSV files in which a row is an event of pointer or keys, and the file is one session."""

    def read(self, location: str) -> Iterator[Record | Quarantined]:
        """Every row. Raises InvalidSource."""
        path = Path(location)
        with opened(path, "CSV file") as file:
            table = rows(file, SEPARATORS)
            header = next(table, None)
            names = self._columns(header[1]) if isinstance(header, tuple) else []
            if missing := self._missing(set(names)):
                raise InvalidSource(
                    f"{path} can't be read as {self.name}: its first line must be a CSV header with {missing}."
                    " Nothing was changed. Check the format name and the file."
                )
            session = ""
            for row in valued(table, names):
                if isinstance(row, Quarantined):
                    yield row
                    continue
                try:
                    record = self._record(*row, session)
                except InvalidRecord as error:
                    yield Quarantined(row[0], str(error))
                    continue
                session = record.session
                yield record

    @property
    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    def _columns(self, header: list[str]) -> list[str]:
        """Our names of the columns."""

    @abstractmethod
    def _missing(self, names: set[str]) -> str:
        """What has to be among these names, in words; empty if it is."""

    @abstractmethod
    def _record(self, line: int, values: dict[str, str], session: str) -> Record:
        """`session`: of the rows before it, empty for the first. Raises InvalidRecord, InvalidSource."""
