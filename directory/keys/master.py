"""The master keys: which may wrap the content keys now, and the wanted one among them.

Usually there is one: of `OPENBOOK_MASTER_KEY`, or of a file in the home. While it is being replaced
(`directory.keys.rewrapping`) there are two, so that a content key opens at every moment, whichever wraps it:

    in the settings     OPENBOOK_MASTER_KEY is the new one, OPENBOOK_MASTER_KEY_PREVIOUS the old one
    in the home         `master.key.next` is the new one, `master.key` the old one
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.models import open_engine, session_of
from directory.secret_file import KEY_BYTES, configured_key, secret_key
from directory.tables.content_keys import ContentKeyRow
from home import Part
from parts import PartUnavailable
from settings import settings

VARIABLE = "OPENBOOK_MASTER_KEY"
PREVIOUS = "OPENBOOK_MASTER_KEY_PREVIOUS"


class WrongMasterKey(PartUnavailable):
    """The master key is not the one that wraps the content keys. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "The content keys were wrapped with another master key, so sealed data can't be "
            "opened. Nothing was changed or lost; the people who run Open Book must set the right key."
        )


@dataclass(frozen=True)
class MasterKeys:
    """The known master keys: the wanted one first. Content keys may be wrapped by any of them."""

    keys: tuple[bytes, ...]

    @property
    def wanted(self) -> bytes:
        return self.keys[0]

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises WrongMasterKey."""
        return aes_key_unwrap(self.of(wrapped), wrapped)

    def of(self, wrapped: bytes) -> bytes:
        """The key that wraps it. Raises WrongMasterKey."""
        for key in self.keys:
            if opens(key, wrapped):
                return key
        raise WrongMasterKey

    def current(self, session: Session) -> bytes:
        """The key that wraps the content keys of this directory; the wanted one if there are none. They are all wrapped
        anew in one transaction, so one of them tells. Raises WrongMasterKey.
        """
        wrapped = session.scalar(select(ContentKeyRow.wrapped).limit(1))
        return self.of(wrapped) if wrapped else self.wanted


def opens(key: bytes, wrapped: bytes) -> bool:
    try:
        aes_key_unwrap(key, wrapped)
    except InvalidUnwrap:
        return False
    return True


def read_master_keys() -> MasterKeys:
    """The known master keys. Raises HomeUnavailable if there is none or one can't be used."""
    found = []
    if not settings().master_key and (following := _next_in_home()):
        found.append(following)  # read first: when it is gone, it is in the place of the other
    found.append(secret_key(settings().master_key, VARIABLE, Part.MASTER_KEY))
    if settings().master_key_previous:
        found.append(configured_key(settings().master_key_previous, PREVIOUS, Part.MASTER_KEY))
    return MasterKeys(tuple(dict.fromkeys(found)))


def next_path() -> Path:
    """Where a new master key waits until every content key is wrapped with it."""
    return Part.MASTER_KEY.path.with_name("master.key.next")


def _next_in_home() -> bytes | None:
    try:
        key = next_path().read_bytes()
    except OSError:
        return None
    return key if len(key) == KEY_BYTES else None


def current_master_key() -> bytes:
    """The key that wraps the content keys of this home. Raises WrongMasterKey, HomeUnavailable, PartUnavailable."""
    keys = read_master_keys()
    with session_of(open_engine(Part.DIRECTORY.path)) as session:
        return keys.current(session)


def check_master_key() -> None:
    """Check the master key on one content key. Raises WrongMasterKey, HomeUnavailable."""
    current_master_key()


def fingerprint(key: bytes) -> str:
    """A value that identifies a master key and reveals nothing else about it."""
    return hashlib.blake2b(b"open-book master key", key=key, digest_size=16).hexdigest()
