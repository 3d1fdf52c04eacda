"""Notes of rectifications: what a person wants to be read together with their captures.

A note is the person's own content. It is sealed under their content key for the id of its request, and is decrypted
for them, and for the privacy officer who decides about it if they allow that (`decisions.read_note`). Once that key is
destroyed, because nothing of theirs is left, no one can read it.

The ledger's entry about the request commits to it with a hash, SHA-256(salt || text in UTF-8). The 32 random bytes of
salt are sealed with the text, so that nothing can be guessed once the key is destroyed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import defer

from directory.keys import KeyRing, Oneself, Reader, derive
from directory.sealing import Content, Sealer, Unreadable
from governance import schemas
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from lake.rules.scope import Scope

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


SALT_BYTES = 32


@dataclass(frozen=True)
class SealedNote:
    sealed: bytes
    sha256: str
    """Of salt and text, in hexadecimal."""


def seal(subject: UUID, request_id: UUID, words: str) -> SealedNote:
    """Seal a note with a new salt; creates the person's content key if there is none."""
    salt = secrets.token_bytes(SALT_BYTES)
    keys = KeyRing()
    sealer = Sealer(keys.create_content_key(subject, Oneself(subject)))
    sealed = sealer.seal(request_id, {"note": words, "salt": salt.hex()})
    return SealedNote(sealed, hashlib.sha256(salt + words.encode()).hexdigest())


def open_note(row: RequestRow, reader: Reader) -> str | None:
    """The text of a request's note, for `reader`; None if it has none or it can no longer be opened."""
    content = _open(row, reader)
    return None if content is None else content["note"]


def salt_of(subject: UUID, request_id: UUID) -> str | None:
    """The salt of the note of the person's request, for themselves; None if there is no note, it can no longer be
    opened, or it was filed with an earlier version, which had none."""
    with reading() as session:
        row = session.scalar(select(RequestRow).where(RequestRow.id == request_id, RequestRow.subject == subject))
        content = None if row is None else _open(row, Oneself(subject))
        return None if content is None else content.get("salt")


def _open(row: RequestRow, reader: Reader) -> Content | None:
    if row.sealed_note is None:
        return None
    keys = KeyRing()
    key = keys.content_key(row.subject, reader)
    if key is None:
        return None
    try:
        return Sealer(key).open(row.id, row.sealed_note)
    except Unreadable:
        return None


def fingerprint_key(subject: UUID) -> bytes:
    """A key for comparing notes without storing them: a plain digest of a few words could be guessed."""
    keys = KeyRing()
    return derive(keys.create_content_key(subject, Oneself(subject)), "note of a request")


def in_force(subject: UUID, page: Paging) -> list[schemas.Note]:
    """A page of the person's notes in force, newest first."""
    standing = select(RequestRow).where(*_in_force(subject)).order_by(RequestRow.completed_at.desc(), RequestRow.id)
    with reading() as session:
        rows = page.select(session, standing.options(defer(RequestRow.outcome, raiseload=True)))
    return [
        schemas.Note(request=row.id, scope=RequestScope.model_validate(row.scope), note=words, since=row.completed_at)
        for row in rows
        if (words := open_note(row, Oneself(subject))) is not None
    ]


def scopes_in_force(subject: UUID) -> list[Scope]:
    """What the person's notes in force are about: captures that they say are wrong."""
    with reading() as session:
        scopes = session.scalars(select(RequestRow.scope).where(*_in_force(subject)))
        return [RequestScope.model_validate(scope).of_the_lake() for scope in scopes]


def _in_force(subject: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        RequestRow.subject == subject,
        RequestRow.type == Type.RECTIFICATION,
        RequestRow.state == State.COMPLETED,
    )
