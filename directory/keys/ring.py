"""Content keys: one AES-256 key per subject, wrapped by the master key.

The master key may be replaced while a ring is open (`directory.keys.rewrapping`). Destroying a subject's key makes
everything sealed under it unreadable, in every copy. A key is only opened for a `Reader`: for its own subject, or for a
job whose entry for the access log is on disk by then.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from sqlalchemy import delete, select

import home
from databases.statements import insert
from directory.keys import holders, uses
from directory.keys.master import MasterKeys, WrongMasterKey, read_master_keys
from directory.keys.uses import CHUNK, Job, Oneself, Reader
from directory.models import ContentKeyRow, change_of, open_engine, session_of, writer_of
from directory.secret_file import KEY_BYTES
from home import Part


class NotTheirKey(Exception):
    """A person's token was used to open the key of someone else: a defect. Nothing was opened."""


class KeyRing:
    """Content keys by subject, read from the directory database."""

    def __init__(self, path: Path | None = None, master_key: bytes | None = None) -> None:
        if path is None:
            home.require(Part.DIRECTORY)
        self._engine = open_engine(path or Part.DIRECTORY.path)
        self._given = master_key
        self._master_keys = self._read_master_keys()
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
        if (known := self.content_key(subject, reader)) is not None:
            return known
        with change_of(self._engine) as session:
            self._master_keys = self._read_master_keys()
            current = self._master_keys.current(session)  # one under another could not be opened beside the others
            wrapped = aes_key_wrap(current, secrets.token_bytes(KEY_BYTES))
            session.execute(insert(ContentKeyRow).values(subject=subject, wrapped=wrapped).on_conflict_do_nothing())
        key = self.content_key(subject, reader)
        assert key is not None
        return key

    def create_content_keys(self, job: Job, rows: Mapping[UUID, int]) -> dict[UUID, bytes]:
        """The keys of these people, as `create_content_key` creates them, in a few statements; `rows`: the number of
        rows of each, for their entries. Raises WrongMasterKey, PartUnavailable.
        """
        self.record(job, rows)
        known = self._wrapped_of(rows)
        if missing := rows.keys() - known.keys():
            with change_of(self._engine) as session:
                self._master_keys = self._read_master_keys()
                current = self._master_keys.current(session)
                made = [
                    {"subject": one, "wrapped": aes_key_wrap(current, secrets.token_bytes(KEY_BYTES))}
                    for one in sorted(missing)
                ]
                for start in range(0, len(made), CHUNK):
                    rows_made = insert(ContentKeyRow).values(made[start : start + CHUNK])
                    session.execute(rows_made.on_conflict_do_nothing())
            known = self._wrapped_of(rows)
        return {subject: self._unwrap(known[subject]) for subject in rows}

    def _wrapped_of(self, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
        return {row.subject: row.wrapped for row in self._rows_of(subjects)}

    def _rows_of(self, subjects: Iterable[UUID]) -> list[ContentKeyRow]:
        listed, found = list(subjects), list[ContentKeyRow]()
        with session_of(self._engine) as session:
            for start in range(0, len(listed), CHUNK):
                some = ContentKeyRow.subject.in_(listed[start : start + CHUNK])
                found += session.scalars(select(ContentKeyRow).where(some))
        return found

    def _admit(self, subject: UUID, reader: Reader) -> None:
        if isinstance(reader, Oneself):
            if reader.subject != subject:
                raise NotTheirKey
        elif (reader, subject) not in self._recorded:
            self.record(reader, {subject: reader.rows})

    def _read_master_keys(self) -> MasterKeys:
        if self._given:
            return MasterKeys((self._given,))
        keys = read_master_keys()
        holders.announce(keys)
        return keys

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return self._master_keys.unwrap(wrapped)
        except WrongMasterKey:
            self._master_keys = self._read_master_keys()  # it may have been replaced since
            return self._master_keys.unwrap(wrapped)

    def fingerprint(self, subject: UUID) -> str | None:
        """Distinguishes the subject's key from any other, whatever wraps it, and reveals nothing else; None if there is
        none.
        """
        with session_of(self._engine) as session:
            row = session.get(ContentKeyRow, subject)
            return print_of(row.wrapped, row.first_print) if row else None

    def fingerprints(self, subjects: Iterable[UUID]) -> dict[UUID, str]:
        """Those of several keys, in a few statements; who has no key is absent."""
        return {row.subject: print_of(row.wrapped, row.first_print) for row in self._rows_of(subjects)}

    def destroy_content_key(self, subject: UUID) -> bool:
        """Permanently destroy the subject's key; a freed page of a file is overwritten. False if there was none."""
        with writer_of(self._engine) as session, session.begin():
            gone = session.execute(
                delete(ContentKeyRow).where(ContentKeyRow.subject == subject).returning(ContentKeyRow.subject)
            )
            return gone.scalar() is not None


def has_content_keys(path: Path) -> bool:
    """Whether a directory database has any content key."""
    with session_of(open_engine(path)) as session:
        return session.scalar(select(ContentKeyRow.subject).limit(1)) is not None


def derive(content_key: bytes, purpose: str) -> bytes:
    """A 32-byte key for another purpose; it is lost with the content key."""
    return hashlib.blake2b(purpose.encode(), key=content_key, digest_size=32).digest()


def print_of(wrapped: bytes, first_print: str | None) -> str:
    """The fingerprint of a content key: the hash of it as it was first wrapped. Earlier versions record the same."""
    return first_print or hashlib.blake2b(wrapped, digest_size=16).hexdigest()
