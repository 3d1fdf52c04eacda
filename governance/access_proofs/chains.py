"""What is hashed: an entry, a chain of entries, and the leaf of a person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from directory.keys import EVERYBODY
from governance.db.tables import AccessRow
from verifier import canonical, commitment, leaf_hash


class Chain(NamedTuple):
    """How many entries it has, and the hash that stands for all of them."""

    entries: int = 0
    head: bytes = bytes(32)

    def document(self) -> dict[str, Any]:
        return {"entries": self.entries, "head": self.head.hex()}


def fields(row: AccessRow) -> dict[str, Any]:
    """An entry as it is hashed: what was stored, not the words in which it is shown."""
    stored = {
        "at": row.at.isoformat(),
        "role": row.role,
        "purpose": row.purpose,
        "what": row.what,
        "rows": row.rows,
        "everybody": row.subject == EVERYBODY,
        "dataset_version": str(row.dataset_version) if row.dataset_version else None,
        "reported_by": row.reported_by,
        "reported_at": row.reported_at.isoformat() if row.reported_at else None,
        "system": row.system,
        "action": row.action,
        "reason": row.reason,
        "ticket": row.ticket,
        "delay_reason": row.delay_reason,
        "disclosed_at": row.disclosed_at.isoformat() if row.disclosed_at else None,
    }
    return {name: value for name, value in stored.items() if value is not None}


def extended(chain: Chain, entries: Iterable[dict[str, Any]]) -> Chain:
    count, head = chain
    for entry in entries:
        head = hashlib.sha256(head + leaf_hash(canonical(entry))).digest()
        count += 1
    return Chain(count, head)


def statement(subject: UUID, day: date, own: Chain, everybody: Chain) -> dict[str, Any]:
    """What the leaf of a person commits to."""
    return {
        "kind": "access_log",
        "day": day.isoformat(),
        "subject": str(subject),
        "own": own.document(),
        "everybody": everybody.document(),
    }


def salt_of(secret: bytes, subject: UUID) -> bytes:
    return hmac.digest(secret, subject.bytes, "sha256")


def leaf_of(secret: bytes, subject: UUID, said: dict[str, Any]) -> bytes:
    return leaf_hash(commitment(salt_of(secret, subject), said))
