"""Whom else the records of an archive concern: people of the directory who are mentioned, quoted or assigned in them.

Only that is stored, never words: the person, the record, and how it concerns them. Nobody whom the directory doesn't
know, who has left, or about whom a privacy officer still has to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from directory import Directory, Employee
from directory.keys import derive
from lake.archives.items import Of
from lake.connectors import Record
from lake.ingest.rows import CAPTURE_ID, capture_id_of
from lake.storage.store import INDIRECT_SCHEMA


class Concerning:
    """Collects it, person by person."""

    def __init__(self, people: Mapping[str, Employee]) -> None:
        with Directory.open() as directory:
            self._subjects = {
                email: employee.subject.bytes
                for email, employee in people.items()
                if employee.active and not directory.is_about(employee.subject)
            }
        self._rows: list[tuple[bytes, bytes, bytes, str]] = []

    def add(self, employee: Employee, content_key: bytes, items: Iterable[Of]) -> None:
        """What the items of a person say about others. `content_key`: what their records are sealed under."""
        key, owner = derive(content_key, CAPTURE_ID), employee.subject.bytes
        for each in items:
            if not each.concerns or not isinstance(each.item, Record):
                continue
            capture = capture_id_of(key, each.item.identity, 0)  # equal records of an archive are copies of one
            for email, role in each.concerns:
                subject = self._subjects.get(email)
                if subject is not None and subject != owner:
                    self._rows.append((subject, capture, owner, role.value))

    def table(self) -> pa.Table:
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * len(INDIRECT_SCHEMA)
        arrays = [pa.array(column, type=kind.type) for column, kind in zip(columns, INDIRECT_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=INDIRECT_SCHEMA)
