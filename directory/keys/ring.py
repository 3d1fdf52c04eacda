"""Content keys: one AES-256 key per subject, wrapped by the master key. If the home has a key service, what is wrapped
is sealed by the person's own key there (`directory.keys.service`).

The master key may be replaced while a ring is open (`directory.keys.rewrapping`). Destroying a subject's key makes
everything sealed under it unreadable, in every copy. A key is only opened for a `Reader`: for its own subject, or for a
job whose entry for the access log is on disk by then.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from sqlalchemy import delete, select

import home
from databases.statements import insert
from directory.keys import holders, service, uses
from directory.keys.master import MasterKeys, WrongMasterKey, read_master_keys
from directory.keys.uses import CHUNK, Job, Oneself, Reader
from directory.models import change_of, open_engine, session_of, writer_of
from directory.secret_file import KEY_BYTES
from directory.tables.content_keys import ContentKeyRow
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

        Raises WrongMasterKey, HomeUnavailable, PartUnavailable.
        """
        self._admit(subject, reader)
        found = select(ContentKeyRow.wrapped, ContentKeyRow.service_key).where(ContentKeyRow.subject == subject)
        with session_of(self._engine) as session:
            row = session.execute(found).first()
        return self._open(subject, *row) if row else None

    def create_content_key(self, subject: UUID, reader: Reader) -> bytes:
        """The subject's key, created if there is none; the entry about it is written before. Safe to call from several
        processes. Raises WrongMasterKey, PartUnavailable.
        """
        if (known := self.content_key(subject, reader)) is not None:
            return known
        self._create([subject])
        key = self.content_key(subject, reader)
        assert key is not None
        return key

    def create_content_keys(self, job: Job, rows: Mapping[UUID, int]) -> dict[UUID, bytes]:
        """The keys of these people, as `create_content_key` creates them, in a few statements; `rows`: the number of
        rows of each, for their entries. Raises WrongMasterKey, PartUnavailable.
        """
        self.record(job, rows)
        known = self._rows_of(rows)
        if missing := rows.keys() - {row.subject for row in known}:
            for start in range(0, len(ordered := sorted(missing)), CHUNK):
                self._create(ordered[start : start + CHUNK])
            known = self._rows_of(rows)
        return {row.subject: self._open(row.subject, row.wrapped, row.service_key) for row in known}

    def _create(self, subjects: list[UUID]) -> None:
        """Keys for these people, of whom another process may be making some; at most `CHUNK`."""
        of_service = service.key_service() if service.is_chosen() else None
        made = {subject: _Made.by(of_service, subject) for subject in subjects}
        won = set[UUID]()
        try:
            with change_of(self._engine) as session:
                self._master_keys = self._read_master_keys()
                current = self._master_keys.current(session)  # one under another could not be opened beside the others
                values = [
                    {"subject": subject, "wrapped": aes_key_wrap(current, one.key), "service_key": one.service_key}
                    for subject, one in made.items()
                ]
                rows = insert(ContentKeyRow).values(values).on_conflict_do_nothing().returning(ContentKeyRow.subject)
                won |= set(session.scalars(rows))
        finally:
            if of_service is not None:
                for subject in made.keys() - won:
                    of_service.destroy(str(made[subject].service_key))

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

    def _open(self, subject: UUID, wrapped: bytes, service_key: str | None) -> bytes:
        key = self._unwrap(wrapped)
        return service.key_service().open(service_key, subject, key) if service_key else key

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

    def destroy_content_key(self, subject: UUID, *, made_until: datetime | None = None) -> bool:
        """Permanently destroy the subject's key, first in the key service; a freed page of a file is overwritten.
        `made_until`: only one that was made by then (naive UTC). False if there was none. Raises HomeUnavailable,
        PartUnavailable: then it has to be repeated.
        """
        found = self._rows_of([subject])
        if not found or (made_until is not None and found[0].created_at > made_until):
            return False
        if found[0].service_key:
            service.key_service().destroy(found[0].service_key)
        return self._delete(found) > 0

    def drop_lost(self) -> int:
        """Delete what the keys of the key service sealed that aren't there any more, in a directory that no one uses
        yet; returns how many. Raises HomeUnavailable, PartUnavailable."""
        if not service.is_chosen():
            return 0
        there = service.key_service().names()
        with session_of(self._engine) as session:
            rows = list(session.scalars(select(ContentKeyRow)))
        return self._delete([row for row in rows if row.service_key and row.service_key not in there])

    def _delete(self, rows: Iterable[ContentKeyRow]) -> int:
        """With a key service exactly these: a key that somebody has had since stays."""
        gone = 0
        with writer_of(self._engine) as session, session.begin():
            for row in rows:
                same = (
                    ContentKeyRow.subject == row.subject,
                    ContentKeyRow.service_key.is_not_distinct_from(row.service_key),
                )
                gone += len(session.scalars(delete(ContentKeyRow).where(*same).returning(ContentKeyRow.subject)).all())
        return gone


@dataclass(frozen=True)
class _Made:
    """A new content key, in the form that the master key wraps."""

    key: bytes
    service_key: str | None

    @classmethod
    def by(cls, of_service: service.KeyService | None, subject: UUID) -> Self:
        key = secrets.token_bytes(KEY_BYTES)
        if of_service is None:
            return cls(key, None)
        name = of_service.make()
        return cls(of_service.seal(name, subject, key), name)


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
