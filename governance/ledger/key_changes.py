"""Replaces the signing key: the old one signs the name of the new one, and the ledger records the change.

Whoever knows any earlier key can follow the changes to the current one (`verifier.py`), without asking anyone again.
Receipts keep the key that signed them. The new key is on disk before the change is recorded, and in its place after it
is: a machine that stops in between continues with the old key, or takes the new one into use at the next signature.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import Timeout
from sqlalchemy.orm import Session

from directory.secret_file import KEY_BYTES
from errors import Conflict
from governance.db.database import lock, writing
from governance.ledger import log, signing
from governance.ledger.signing import Signer, signer
from lake.storage.durable import write_bytes
from settings import settings
from verifier import KEY_CHANGE, KEY_CHANGES, message

KIND = "key_change"


class BackupRunning(Conflict):
    """A backup copies the key and the database one after the other; they must belong together."""

    def __init__(self) -> None:
        super().__init__("A backup is being made, or the key is being replaced. Nothing was changed. Try again later.")


class KeyFromSettings(Conflict):
    """The key isn't ours to replace."""

    def __init__(self) -> None:
        super().__init__(
            "OPENBOOK_SIGNING_KEY provides the signing key, so it can't be replaced here. Nothing was changed. Set "
            "another one there and restart every process: it is recorded, but the old key does not name it, so tell "
            "people the new one yourself (docs/ledger.md)."
        )


def replace() -> Signer:
    """Create a new signing key and take it into use; returns it.

    Raises KeyFromSettings, BackupRunning, HomeUnavailable.
    """
    if settings().signing_key:
        raise KeyFromSettings
    try:
        with lock("backup", timeout=0):
            return _replace()
    except Timeout:
        raise BackupRunning from None


def _replace() -> Signer:
    old = signer()
    secret = secrets.token_bytes(KEY_BYTES)
    new = Signer.of(Ed25519PrivateKey.from_private_bytes(secret))
    write_bytes(signing.next_key(), secret)
    with writing() as session:
        names = {"previous": str(old.key), "key": str(new.key)}
        signature = base64.b64encode(old.sign(message(KEY_CHANGE, names))).decode()
        log.append(session, KIND, {**names, "signature": signature})
        signing.note_key(session, new.key)
    signing.take_into_use()
    return new


def changes(session: Session) -> dict[str, Any]:
    """All changes, oldest first, and the key that came of them, in the verifier's format."""
    recorded = log.statements_of_kind(session, KIND)
    return {
        "format": KEY_CHANGES,
        "key": str(signer().key),
        "changes": [{name: made[name] for name in ("at", "previous", "key", "signature")} for made in recorded],
    }
