"""What connectors of CSV files of pointer and keys have in common: a row is an event, and the file is one session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lake.connectors.csv_rows import rows, valued
from lake.connectors.lines import opened
from lake.connectors.records import InvalidRecord, InvalidSource, Quarantined, Record, Relative

SEPARATORS = ",;\t"


@dataclass(frozen=True)
class InputCsv(Relative, ABC):
    """Reads one CSV file."""

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
