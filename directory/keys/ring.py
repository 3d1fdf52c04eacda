"""Content keys: one AES-256 key per subject, wrapped by the master key.

Destroying a subject's key makes everything sealed under it unreadable, in every copy. A key is only opened for a
`Reader`: for its own subject, or for a job whose entry for the access log is on disk by then.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

import home
from directory.keys import uses
from directory.keys.uses import Job, Oneself, Reader
from directory.models import ContentKeyRow, open_engine, session_of
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


class NotTheirKey(Exception):
    """A person's token was used to open the key of someone else: a defect. Nothing was opened."""


class KeyRing:
    """Content keys by subject, read from the directory database."""

    def __init__(self, path: Path | None = None, master_key: bytes | None = None) -> None:
        if path is None:
            home.require(Part.DIRECTORY)
        self._engine = open_engine(path or Part.DIRECTORY.path)
        self._master_key = master_key or read_master_key()
        self._recorded: set[tuple[Job, UUID]] = set()

    def record(self, job: Job, rows: Mapping[UUID, int]) -> None:
        """Write the job's entries for these people, with the number of rows of each. Raises PartUnavailable."""
        uses.record(self._engine, job, rows)
        self._recorded.update((job, subject) for subject in rows)

    def content_key(self, subject: UUID, reader: Reader) -> bytes | None:
        """The subject's key, or None if it was never created or was destroyed; the entry about it is written before.

        Raises WrongMasterKey, PartUnavailable.
        """
        self._admit(subject, reader)
        with session_of(self._engine) as session:
            wrapped = session.scalar(select(ContentKeyRow.wrapped).where(ContentKeyRow.subject == subject))
        return self._unwrap(wrapped) if wrapped else None

    def create_content_key(self, subject: UUID, reader: Reader) -> bytes:
        """The subject's key, created if there is none; the entry about it is written before. Safe to call from several
        processes. Raises WrongMasterKey, PartUnavailable.
        """
        self._admit(subject, reader)
        with session_of(self._engine) as session:
            any_other = session.scalar(select(ContentKeyRow.wrapped).limit(1))
        if any_other:
            self._unwrap(any_other)  # a key under another master key could not be opened beside the others
        wrapped = aes_key_wrap(self._master_key, secrets.token_bytes(KEY_BYTES))
        with session_of(self._engine) as session, session.begin():
            session.execute(insert(ContentKeyRow).values(subject=subject, wrapped=wrapped).on_conflict_do_nothing())
        key = self.content_key(subject, reader)
        assert key is not None
        return key

    def _admit(self, subject: UUID, reader: Reader) -> None:
        if isinstance(reader, Oneself):
            if reader.subject != subject:
                raise NotTheirKey
        elif (reader, subject) not in self._recorded:
            self.record(reader, {subject: reader.rows})

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
    engine = open_engine(Part.DIRECTORY.path)
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
