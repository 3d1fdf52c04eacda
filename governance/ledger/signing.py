"""The Ed25519 key that signs checkpoints and receipts, and its name, which is the origin of the ledger.

The first start of a home creates the key in `$OPENBOOK_HOME/governance/signing.key` (32 bytes, readable only by its
owner), unless `OPENBOOK_SIGNING_KEY` provides it. Anyone who has it can sign in the employer's name. The governance
database knows every key that was in force (`SigningKeyRow`), and all of them still verify. A key file that doesn't
match the newest one is refused, as is a missing file. A new key takes effect only when someone runs
`python -m governance rotate-keys` (`governance.ledger.key_changes`) or sets `OPENBOOK_SIGNING_KEY`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import clock
from directory.secret_file import KEY_BYTES, create_secret_key, secret_key
from governance.db.database import reading
from governance.db.tables import SigningKeyRow
from governance.ledger.tables import EntryRow, ReceiptRow
from home import HomeUnavailable, Part
from lake.storage.durable import sync_folder
from parts import PartUnavailable
from settings import settings
from verifier import COSIGNATURE, ML_DSA, Key, Refused, Unreadable


class UnusableOrigin(PartUnavailable, ValueError):
    """The setting of the ledger's name can't be used. Nothing was signed."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger can't be signed: OPENBOOK_LEDGER_ORIGIN must be a name without spaces and without +. Nothing "
            "was signed. The people who run Open Book have to set it right; try again later."
        )


@dataclass(frozen=True)
class Signer:
    """The signing key with its public key as others see it."""

    key: Key
    _private: Ed25519PrivateKey

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> Signer:
        """Raises UnusableOrigin."""
        key = Key(settings().ledger_origin, private.public_key().public_bytes_raw())
        try:
            Key.parse(str(key))
        except Unreadable as error:
            raise UnusableOrigin from error
        return cls(key, private)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def signer() -> Signer:
    """The current key. Raises HomeUnavailable if it is missing, damaged or another one; UnusableOrigin."""
    found = _configured()
    if not settings().signing_key:
        with reading() as session:
            newest = known_keys(session)[-1:]
        if newest and newest[0].public != found.key.public and _next_is(newest[0]):
            take_into_use()
            found = _configured()
        if newest and newest[0].public != found.key.public:
            raise HomeUnavailable(
                f"{Part.SIGNING_KEY.path} is not the key that signs this ledger ({newest[0]}). Nothing was"
                " signed. Put the right one back, or restore a backup (docs/backup.md).",
                f"The file of {Part.SIGNING_KEY.words} has another key than the current one. Nothing was signed. The"
                " people who run Open Book have to put the right one back; try again later.",
            )
    return found


def known_keys(session: Session) -> list[Key]:
    """Every key that was in force, newest last."""
    return [Key.parse(text) for text in session.scalars(select(SigningKeyRow.key).order_by(SigningKeyRow.number))]


def is_newest(session: Session) -> bool:
    """Whether the key exists and is the newest known one."""
    try:
        found = _configured()
    except HomeUnavailable:
        return False
    return [key.public for key in known_keys(session)[-1:]] == [found.key.public]


def is_usable() -> bool:
    """Whether there is a key, whichever it is."""
    try:
        _configured()
    except HomeUnavailable:
        return False
    return True


def note_in_force(session: Session) -> None:
    """In a writing session, record the key as the current one if it is the first, or a new one from the settings.

    Raises HomeUnavailable, UnusableOrigin.
    """
    found = _configured().key
    known = known_keys(session)
    if not known or (settings().signing_key and known[-1].public != found.public):
        note_key(session, found)


def note_earlier(session: Session) -> None:
    """Record the keys of a home of an earlier version, which kept no list of them.

    A home that signed nothing gets its first key; a key that was used and is missing stays missing.
    """
    used = session.execute(select(ReceiptRow.key).group_by(ReceiptRow.key).order_by(func.min(ReceiptRow.issued_at)))
    for (key,) in used.all():
        note_key(session, Key.parse(key))
    if not Part.SIGNING_KEY.is_there() and not settings().signing_key:
        if session.scalar(select(EntryRow.position).limit(1)) is not None:
            return
        create_secret_key(Part.SIGNING_KEY.path)
    configured = _configured().key
    if str(configured) not in map(str, known_keys(session)[-1:]):
        note_key(session, configured)


def note_key(session: Session, key: Key) -> None:
    """Record it as the newest."""
    for row in session.scalars(select(SigningKeyRow).where(SigningKeyRow.key == str(key))):
        session.delete(row)
    session.flush()
    session.add(SigningKeyRow(key=str(key), since=clock.now_utc()))
    session.flush()


def next_key() -> Path:
    """Where a new key waits until the ledger has recorded it."""
    return Part.SIGNING_KEY.path.with_name("signing.key.next")


def take_into_use() -> None:
    """Put the key that waits in the place of the current one; nothing if someone else did."""
    with suppress(FileNotFoundError):
        next_key().replace(Part.SIGNING_KEY.path)
        sync_folder(Part.SIGNING_KEY.path.parent)


def _next_is(key: Key) -> bool:
    """Whether this key waits: its change is recorded, and the machine stopped before it was in its place."""
    try:
        waiting = next_key().read_bytes()
    except OSError:
        return False
    return len(waiting) == KEY_BYTES and Signer.of(Ed25519PrivateKey.from_private_bytes(waiting)).key == key


def _configured() -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(
        secret_key(settings().signing_key, "OPENBOOK_SIGNING_KEY", Part.SIGNING_KEY)
    )
    return Signer.of(private)


def witnesses() -> list[Key]:
    """The keys of `OPENBOOK_WITNESS_KEYS`. Raises ValueError."""
    texts = [text for text in settings().witness_keys.replace(",", " ").split() if text]
    try:
        keys = [Key.parse(text) for text in texts]
    except (Unreadable, Refused) as error:
        raise ValueError(f"OPENBOOK_WITNESS_KEYS has a key that can't be used: {error}") from error
    if any(key.type not in (COSIGNATURE, ML_DSA) for key in keys):
        raise ValueError("OPENBOOK_WITNESS_KEYS must be keys for cosignatures: C2SP signature type 4 or 6.")
    return keys
