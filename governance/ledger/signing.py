"""The Ed25519 key that signs checkpoints and receipts, and its name, which is the origin of the ledger.

The key is made once, in `$OPENBOOK_HOME/governance/signing.key` (32 bytes, readable by its owner alone), unless
`OPENBOOK_SIGNING_KEY` gives it. Whoever has it can sign in the employer's name; who loses it signs with another one
from then on, and everybody who checks will be told so.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from directory.secret_file import secret_key
from governance.database import governance_folder
from settings import settings
from verifier import COSIGNATURE, Key, Refused, Unreadable


@dataclass(frozen=True)
class Signer:
    """The signing key with its public half as others see it."""

    key: Key
    _private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def signer() -> Signer:
    """The key in force; made now if there is none. Raises ValueError, which names the setting at fault."""
    private = Ed25519PrivateKey.from_private_bytes(
        secret_key(settings().signing_key, "OPENBOOK_SIGNING_KEY", governance_folder() / "signing.key")
    )
    key = Key(settings().ledger_origin, private.public_key().public_bytes_raw())
    try:
        Key.parse(str(key))
    except Unreadable as error:
        raise ValueError("OPENBOOK_LEDGER_ORIGIN must be a name without spaces and without +.") from error
    return Signer(key, private)


def witnesses() -> list[Key]:
    """The keys of `OPENBOOK_WITNESS_KEYS`. Raises ValueError."""
    texts = [text for text in settings().witness_keys.replace(",", " ").split() if text]
    try:
        keys = [Key.parse(text) for text in texts]
    except (Unreadable, Refused) as error:
        raise ValueError(f"OPENBOOK_WITNESS_KEYS has a key that can't be used: {error}") from error
    if any(key.type != COSIGNATURE for key in keys):
        raise ValueError("OPENBOOK_WITNESS_KEYS must be keys for cosignatures: C2SP signature type 4.")
    return keys
