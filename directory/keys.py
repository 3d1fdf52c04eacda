"""Content keys: one AES-256 key per subject, wrapped by the master key.

Destroying a subject's key makes everything sealed under it unreadable, in every copy.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

import home
from directory.models import ContentKeyRow, open_engine, session_of
from directory.people import directory_path
from directory.secret_file import KEY_BYTES, secret_key
from home import Part
from parts import PartUnavailable
from settings import settings


class WrongMasterKey(PartUnavailable):
    """The master key is not the one that wraps the content keys. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "The content keys were wrapped with another master key, so sealed data can't be "
            "opened. Nothing was changed or lost; the people who run Open Book must set the right key."
        )


class KeyRing:
    """Content keys by subject, read from the directory database."""

    def __init__(self, path: Path | None = None, master_key: bytes | None = None) -> None:
        if path is None:
            home.require(Part.DIRECTORY)
        self._engine = open_engine(path or directory_path())
        self._master_key = master_key or read_master_key()

    def content_key(self, subject: UUID) -> bytes | None:
        """The subject's key, or None if it was never created or was destroyed. Raises WrongMasterKey."""
        with session_of(self._engine) as session:
            wrapped = session.scalar(select(ContentKeyRow.wrapped).where(ContentKeyRow.subject == subject))
        return self._unwrap(wrapped) if wrapped else None

    def create_content_key(self, subject: UUID) -> bytes:
        """The subject's key, created if there is none. Safe to call from several processes. Raises WrongMasterKey."""
        with session_of(self._engine) as session:
            any_other = session.scalar(select(ContentKeyRow.wrapped).limit(1))
        if any_other:
            self._unwrap(any_other)  # a key under another master key could not be opened beside the others
        wrapped = aes_key_wrap(self._master_key, secrets.token_bytes(KEY_BYTES))
        with session_of(self._engine) as session, session.begin():
            session.execute(insert(ContentKeyRow).values(subject=subject, wrapped=wrapped).on_conflict_do_nothing())
        key = self.content_key(subject)
        assert key is not None
        return key

    def _unwrap(self, wrapped: bytes) -> bytes:
        return unwrap(self._master_key, wrapped)

    def fingerprint(self, subject: UUID) -> str | None:
        """Distinguishes the subject's key from any other and reveals nothing else; None if there is none."""
        with session_of(self._engine) as session:
            wrapped = session.scalar(select(ContentKeyRow.wrapped).where(ContentKeyRow.subject == subject))
        return hashlib.blake2b(wrapped, digest_size=16).hexdigest() if wrapped else None

    def destroy_content_key(self, subject: UUID) -> bool:
        """Permanently destroy the subject's key; the freed page is overwritten. False if there was none."""
        with session_of(self._engine) as session, session.begin():
            gone = session.execute(
                delete(ContentKeyRow).where(ContentKeyRow.subject == subject).returning(ContentKeyRow.subject)
            )
            return gone.scalar() is not None

    def close(self) -> None:
        self._engine.dispose()


def has_content_keys(path: Path) -> bool:
    """Whether a directory database has any content key."""
    engine = open_engine(path)
    try:
        with session_of(engine) as session:
            return session.scalar(select(ContentKeyRow.subject).limit(1)) is not None
    finally:
        engine.dispose()


def derive(content_key: bytes, purpose: str) -> bytes:
    """A 32-byte key for another purpose; it is lost with the content key."""
    return hashlib.blake2b(purpose.encode(), key=content_key, digest_size=32).digest()


def check_master_key() -> None:
    """Check the master key on one content key. Raises WrongMasterKey, HomeUnavailable."""
    key = read_master_key()
    engine = open_engine(directory_path())
    try:
        with session_of(engine) as session:
            wrapped = session.scalar(select(ContentKeyRow.wrapped).limit(1))
        if wrapped:
            unwrap(key, wrapped)
    finally:
        engine.dispose()


def unwrap(master_key: bytes, wrapped: bytes) -> bytes:
    """Raises WrongMasterKey."""
    try:
        return aes_key_unwrap(master_key, wrapped)
    except InvalidUnwrap as error:
        raise WrongMasterKey from error


def read_master_key() -> bytes:
    """The key that wraps the content keys. Raises HomeUnavailable if there is none or it can't be used."""
    return secret_key(settings().master_key, "OPENBOOK_MASTER_KEY", Part.MASTER_KEY)
