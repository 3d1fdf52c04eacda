"""Refused records of one person's source: each is counted once, whatever it is read from and however often.

A refused record has the id that its capture would have: a keyed hash of the source record. So neither a source that is
read again nor one that overlaps with another counts it twice, and if a policy allows it later, it is no longer counted.
A record that no connector could read has no identity of its own. It is counted once for each state of its source: the
digest of everything that was read from it.

The name of the application is sealed under the person's key. No policy lists it, and which windows a person had open
that the employer doesn't record is no business of the employer's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import pyarrow as pa

from directory.keys import derive
from directory.sealing import Content, Sealer
from lake.connectors import LeftOut, Quarantined, Record
from lake.ingest.rows import CAPTURE_ID, CHUNK_ROWS, capture_id_of, hash_of
from lake.rules.refusing import Reason
from lake.spools.items import Spool
from lake.spools.ordinals import Ordinals
from lake.spools.tables import Tables, table_of
from lake.storage.store import NAMES_SCHEMA, REFUSED_SCHEMA

SMALL = 400
"""About the bytes of a refusal in memory, without its texts."""
LONGEST_NAME = 200
"""Characters of an application's name that are kept."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    identity: bytes
    captured_at: datetime | None
    signal: str
    application: str
    reason: Reason
    what: str = ""
    place: int = -1
    """Among all identities; -1: it is known to have `ordinal`."""
    ordinal: int = 0
    nameless: bytes = b""
    """What tells it apart in its source, if it has no identity."""


_values_of = attrgetter(*(each.name for each in fields(_Refusal)))


class Refusals:
    """What was refused so far. Raises OSError if there is no room for what doesn't fit into memory."""

    def __init__(self) -> None:
        self._found: Spool[_Refusal] = Spool(_values_of, _refusal_of)
        self._source = hashlib.blake2b(digest_size=16)

    def read(self, item: Record | LeftOut | Quarantined) -> None:
        """Every item of the source, refused or not."""
        self._source.update(item.identity or f"{item.line} {type(item).__name__}".encode())

    def add(self, record: Record, place: int, reason: Reason) -> None:
        """`place`: among all identities; -1: none equal was before it."""
        found = _Refusal(record.identity, record.captured_at, record.signal, record.application, reason, place=place)
        self._add(found)

    def add_examined(self, record: Record, ordinal: int) -> None:
        """One that proved to be unreadable after the source was read."""
        known = record.identity, record.captured_at, record.signal, record.application
        self._add(_Refusal(*known, Reason.UNREADABLE, ordinal=ordinal))

    def add_left_out(self, item: LeftOut) -> None:
        known = item.identity, item.captured_at, "", item.application
        self._add(_Refusal(*known, Reason.LEFT_OUT, item.what, nameless=_nameless(item)))

    def add_unreadable(self, item: Quarantined) -> None:
        known = item.identity, item.captured_at, "", item.application
        self._add(_Refusal(*known, Reason.UNREADABLE, nameless=_nameless(item)))

    def _add(self, refusal: _Refusal) -> None:
        self._found.add(refusal, SMALL + len(refusal.application) + len(refusal.nameless))

    def tables(self, subject: UUID, content_key: bytes, ordinals: Ordinals) -> tuple[Tables, pa.Table]:
        """To be stored, when everything was read: `REFUSED_SCHEMA`, `NAMES_SCHEMA`."""
        ids, names = derive(content_key, CAPTURE_ID), derive(content_key, "refused-name")
        sealer = Sealer(content_key)
        source, ordinal = self._source.digest(), ordinals.ascending()
        tables = Tables(REFUSED_SCHEMA)
        rows: list[tuple[Any, ...]] = []
        sealed: dict[bytes, bytes] = {}
        known: dict[tuple[str, str], bytes | None] = {}
        for refusal in self._found:
            described = refusal.application[:LONGEST_NAME], refusal.what
            if described not in known:
                known[described] = name = _name_of(names, *described)
                if name is not None:
                    sealed[name] = sealer.seal(UUID(bytes=name), _content(*described))
            identity = refusal.identity or source + refusal.nameless
            refusal_id = capture_id_of(ids, identity, ordinal(refusal.place) if refusal.place >= 0 else refusal.ordinal)
            at, why = refusal.captured_at, refusal.reason.value
            rows.append((refusal_id, subject.bytes, at, refusal.signal, refusal.application, why, known[described]))
            if len(rows) == CHUNK_ROWS:
                tables.add(table_of(rows, REFUSED_SCHEMA))
                rows = []
        if rows:
            tables.add(table_of(rows, REFUSED_SCHEMA))
        return tables, table_of([(subject.bytes, name, blob) for name, blob in sealed.items()], NAMES_SCHEMA)


def _refusal_of(values: tuple[Any, ...]) -> _Refusal:
    return _Refusal(*values)


def _nameless(item: LeftOut | Quarantined) -> bytes:
    return b"" if item.identity else f"{item.line} {item}".encode("utf-8", "replace")


def _content(application: str, what: str) -> Content:
    said = {"application": application, "what": what}
    return {name: value.encode("utf-8", "replace").decode() for name, value in said.items() if value}


def _name_of(key: bytes, application: str, what: str) -> bytes | None:
    if not application and not what:
        return None
    return hash_of(key, f"{application}\0{what}".encode("utf-8", "replace"))
