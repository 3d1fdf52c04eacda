"""`manifest.json`: what an export contains, in numbers that add up, signed with the key of the ledger.

    {"format": "open-book/export/v1", "statement": {…}, "key": "name+id+…", "signature": "…"}

The statement names every other file of the ZIP with its size and SHA-256, so one Ed25519 signature covers them all.
Like a receipt's, it signs `open-book/export/v1`, a line break and the statement in canonical form (RFC 8785).
`verifier.py`, which is in the ZIP, checks it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from governance.domain.scopes import RequestScope
from governance.export.archive import Archive
from governance.export.counts import WORDS, Count
from governance.ledger import signing
from lake.rules.scope import Scope
from languages.saying import t
from verifier import EXPORT, canonical

SCHEMA_VERSION = 2


def how_to_check() -> bytes:
    """The text for people, in the language of the block `speaking`, and then what to type."""
    words = t(
        "Check this file yourself: extract verifier.py from it (better: get it from someone other than your employer). "
        "Then type the next line, with the key that your Open Book shows under “check it yourself”:"
    )
    return f"{words}\npython verifier.py THIS.zip --key KEY\n".encode()


def statement(
    *,
    request_id: UUID,
    subject: UUID,
    scope: Scope,
    as_of: datetime,
    snapshot: int,
    counts: Mapping[str, Count],
    rows: Mapping[str, int],
    archive: Archive,
) -> dict[str, Any]:
    """The signed statement: text and whole numbers only. `as_of` is naive UTC."""
    asked = RequestScope(
        signals=scope.signals, applications=scope.applications, from_at=scope.from_at, until_at=scope.until_at
    )
    return {
        "schema": "open-book-export",
        "schema_version": SCHEMA_VERSION,
        "request": str(request_id),
        "subject": str(subject),
        "scope": asked.model_dump(mode="json", by_alias=True),
        "as_of": f"{as_of.isoformat(timespec='seconds')}Z",
        "snapshot": snapshot,
        "words": WORDS,
        "counts": {category: count.as_json() for category, count in counts.items()},
        "files": [
            {"name": file.name, "bytes": file.size, "sha256": file.sha256, "rows": rows.get(file.name)}
            for file in archive.files
        ],
    }


def signed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest, with key and signature."""
    signer = signing.signer()
    signature = signer.sign(f"{EXPORT}\n".encode() + canonical(content))
    return {
        "format": EXPORT,
        "statement": content,
        "key": str(signer.key),
        "signature": base64.b64encode(signature).decode(),
    }
