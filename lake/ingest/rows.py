"""The rows of one batch: ids that are the same whenever the same record is read, and sealed content."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from directory.keys import derive
from directory.sealing import Sealer, Unreadable
from lake.archives.items import VERSION
from lake.connectors import Record
from lake.pictures.sizes import size_of
from lake.rules.policies import Policy
from lake.safeguards.redaction import Safeguarded
from lake.spools.tables import Tables
from lake.storage.objects import pictures
from lake.storage.store import ARROW_SCHEMA, Batch

CHUNK_ROWS = 10_000
TYPES = {column.name: column.type for column in ARROW_SCHEMA}
CAPTURE_ID = "capture-id"
"""What the key is derived for."""
SESSION = "session"
VERSION_SCHEMA = pa.schema(
    [pa.field(name, TYPES[name]) for name in ("subject", "session", "capture_id", "captured_at", "sealed")]
)
"""What tells the versions of one thing apart."""
HALF = 8
"""Bytes that a session and its parts have in common."""


class Rows:
    """The rows of one batch, as `ARROW_SCHEMA`. Raises OSError if there is no room for what doesn't fit into memory."""

    def __init__(self, batch: Batch, content_key: bytes) -> None:
        self.redactions: Counter[str] = Counter()
        self._subject, self._source, self._batch = batch.subject.bytes, batch.source, batch.batch.bytes
        self._sealer = Sealer(content_key)
        self._capture_key = derive(content_key, CAPTURE_ID)
        self._session_key = derive(content_key, SESSION)
        self._sessions: dict[tuple[str, str], bytes] = {}
        self.drafts: list[str] = []
        self._rows: list[tuple[bytes, Record, bytes, Policy, Safeguarded | None]] = []
        self._tables = Tables(ARROW_SCHEMA)

    def stored_size(self, record: Record, ordinal: int) -> tuple[int, int] | None:
        """Width and height of its picture, if that is stored already."""
        capture_id = UUID(bytes=self._id(record, ordinal))
        try:
            return size_of(self._sealer.open_picture(capture_id, pictures.read(capture_id)))
        except (OSError, Unreadable):
            return None

    def add_picture(self, record: Record, ordinal: int, data: bytes) -> str:
        """Seal its picture and write it as a draft. Raises OSError, PartUnavailable."""
        capture_id = UUID(bytes=self._id(record, ordinal))
        self.drafts.append(pictures.write_draft(capture_id, self._sealer.seal_picture(capture_id, data)))
        return self.drafts[-1]

    def add(self, record: Record, ordinal: int, policy: Policy, safe: Safeguarded | None) -> None:
        capture_id = self._id(record, ordinal)
        if safe is not None:
            self.redactions.update(safe.redactions)
        self._rows.append((capture_id, record, self._session(record), policy, safe))
        if len(self._rows) == CHUNK_ROWS:
            self._close_chunk()

    def versions(self, refused: Sequence[tuple[Record, int]]) -> pa.Table:
        """Which versions these are of what they say, and nothing else of them, as `VERSION_SCHEMA`. `refused`: each
        record with its ordinal."""
        ids = [self._id(*each) for each in refused]
        contents = [{name: record.content[name] for name in VERSION & record.content.keys()} for record, _ in refused]
        columns = (
            [self._subject] * len(ids),
            [self._session(record) for record, _ in refused],
            ids,
            [record.captured_at for record, _ in refused],
            self._sealer.seal_all(ids, contents),
        )
        arrays = [pa.array(column, field.type) for column, field in zip(columns, VERSION_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=VERSION_SCHEMA)

    def _session(self, record: Record) -> bytes:
        thing = record.session, record.part
        if not record.stored_session and thing not in self._sessions:
            self._sessions[thing] = session_id(self._session_key, *thing)
        return record.stored_session or self._sessions[thing]

    def _id(self, record: Record, ordinal: int) -> bytes:
        return capture_id_of(self._capture_key, record.identity, ordinal)

    def tables(self) -> Tables:
        if self._rows:
            self._close_chunk()
        return self._tables

    def _close_chunk(self) -> None:
        ids, records, sessions, policies, safe = zip(*self._rows, strict=True)
        at = pa.array([record.captured_at for record in records], pa.timestamp("us"))
        redactions = [sorted(one.redactions.items()) if one and one.redactions else None for one in safe]
        same = {"subject": self._subject, "source": self._source, "batch": self._batch}
        columns = {
            "capture_id": ids,
            "captured_at": at,
            "signal": [record.signal for record in records],
            "application": [record.application for record in records],
            "x": [record.x for record in records],
            "y": [record.y for record in records],
            "session": sessions,
            "policy": [policy.policy for policy in policies],
            "retained_until": _days_after(at, [policy.retention_days for policy in policies]),
            "redactions": redactions,
            "sealed": self._sealer.seal_all(ids, [one and one.content for one in safe]),
            **{name: pa.repeat(pa.scalar(value, TYPES[name]), len(ids)) for name, value in same.items()},
        }
        arrays = [pa.array(columns[name], type=kind) for name, kind in TYPES.items()]
        self._tables.add(pa.Table.from_arrays(arrays, schema=ARROW_SCHEMA))
        self._rows = []


def _days_after(at: pa.Array, days: list[int]) -> pa.Array:
    """The day of each time, so many days later."""
    return pc.add(at.cast(pa.date32(), safe=False).cast(pa.int32()), pa.array(days, pa.int32())).cast(pa.date32())


def session_id(session_key: bytes, session: str, part: str = "") -> bytes:
    """What stands for a session in the lake, or for a part of it. `session_key`: derived for SESSION."""
    whole = hash_of(session_key, session.encode("utf-8", "replace"))
    if not part:
        return whole
    return whole[:HALF] + hash_of(session_key, whole + part.encode("utf-8", "replace"))[HALF:]


def is_part(session: bytes, whole: bytes) -> bool:
    """Whether this stands for a part of what has the session `whole`."""
    return session != whole and session[:HALF] == whole[:HALF]


def hash_of(key: bytes, value: bytes) -> bytes:
    """16 bytes that reveal nothing without the key."""
    return hashlib.blake2b(value, key=key, digest_size=16).digest()


def capture_id_of(key: bytes, identity: bytes, ordinal: int) -> bytes:
    return hash_of(key, identity + ordinal.to_bytes(8, "big"))
