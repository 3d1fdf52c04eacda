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
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from directory.keys import derive
from directory.sealing import Content, Sealer
from lake.connectors import LeftOut, Quarantined, Record
from lake.ingest.rows import CAPTURE_ID, capture_id_of, hash_of
from lake.rules.refusing import Reason
from lake.storage.store import NAMES_SCHEMA, REFUSED_SCHEMA, Refused, table_of

LONGEST_NAME = 200
"""Characters of an application's name that are kept."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    identity: bytes
    ordinal: int
    captured_at: datetime | None
    signal: str
    application: str
    reason: Reason
    what: str = ""


@dataclass
class Refusals:
    """What was refused so far."""

    _found: list[_Refusal] = field(default_factory=list)
    _nameless: list[tuple[int, LeftOut | Quarantined]] = field(default_factory=list)
    _source: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def read(self, item: Record | LeftOut | Quarantined) -> None:
        """Every item of the source, refused or not."""
        self._source.update(item.identity or f"{item.line} {type(item).__name__}".encode())

    def add(self, record: Record, ordinal: int, reason: Reason) -> None:
        refusal = _Refusal(record.identity, ordinal, record.captured_at, record.signal, record.application, reason)
        self._found.append(refusal)

    def add_left_out(self, item: LeftOut) -> None:
        found = _Refusal(item.identity, 0, item.captured_at, "", item.application, Reason.LEFT_OUT, item.what)
        self._add(found, item)

    def add_unreadable(self, item: Quarantined) -> None:
        known = item.captured_at, "", item.application
        self._add(_Refusal(item.identity, 0, *known, Reason.UNREADABLE), item)

    def _add(self, refusal: _Refusal, item: LeftOut | Quarantined) -> None:
        if not refusal.identity:
            self._nameless.append((len(self._found), item))
        self._found.append(refusal)

    def tables(self, subject: UUID, content_key: bytes) -> Refused:
        """To be stored, when everything was read."""
        ids, names = derive(content_key, CAPTURE_ID), derive(content_key, "refused-name")
        sealer = Sealer(content_key)
        source = self._source.digest()
        without = {place: f"{item.line} {item}".encode("utf-8", "replace") for place, item in self._nameless}
        rows: list[tuple[Any, ...]] = []
        sealed: dict[bytes, bytes] = {}
        known: dict[tuple[str, str], bytes | None] = {}
        for place, refusal in enumerate(self._found):
            described = refusal.application[:LONGEST_NAME], refusal.what
            if described not in known:
                known[described] = name = _name_of(names, *described)
                if name is not None:
                    sealed[name] = sealer.seal(UUID(bytes=name), _content(*described))
            identity = refusal.identity or source + without[place]
            refusal_id = capture_id_of(ids, identity, refusal.ordinal)
            at, why = refusal.captured_at, refusal.reason.value
            rows.append((refusal_id, subject.bytes, at, refusal.signal, refusal.application, why, known[described]))
        listed = [(subject.bytes, name, blob) for name, blob in sealed.items()]
        return Refused(table_of(rows, REFUSED_SCHEMA), table_of(listed, NAMES_SCHEMA))


def _content(application: str, what: str) -> Content:
    said = {"application": application, "what": what}
    return {name: value.encode("utf-8", "replace").decode() for name, value in said.items() if value}


def _name_of(key: bytes, application: str, what: str) -> bytes | None:
    if not application and not what:
        return None
    return hash_of(key, f"{application}\0{what}".encode("utf-8", "replace"))
