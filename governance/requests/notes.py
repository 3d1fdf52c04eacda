"""Notes of rectifications: what a person wants to be read together with their captures.

A note is the person's own content. It is sealed under their content key for the id of its request, and is decrypted
for them, and for the privacy officer who decides about it if they allow that (`decisions.read_note`). Once that key is
destroyed, because nothing of theirs is left, no one can read it.
"""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import defer

from directory.keys import KeyRing, Oneself, Reader, derive
from directory.sealing import Sealer, Unreadable
from governance import schemas
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from governance.schemas.paging import Paging
from lake.rules.scope import Scope


def seal(subject: UUID, request_id: UUID, words: str) -> bytes:
    """Seal a note; creates the person's content key if there is none."""
    with closing(KeyRing()) as keys:
        return Sealer(keys.create_content_key(subject, Oneself(subject))).seal(request_id, {"note": words})


def open_note(row: RequestRow, reader: Reader) -> str | None:
    """The text of a request's note, for `reader`; None if it has none or it can no longer be opened."""
    if row.sealed_note is None:
        return None
    with closing(KeyRing()) as keys:
        key = keys.content_key(row.subject, reader)
    if key is None:
        return None
    try:
        return Sealer(key).open(row.id, row.sealed_note)["note"]
    except Unreadable:
        return None


def fingerprint_key(subject: UUID) -> bytes:
    """A key for comparing notes without storing them: a plain digest of a few words could be guessed."""
    with closing(KeyRing()) as keys:
        return derive(keys.create_content_key(subject, Oneself(subject)), "note of a request")


def in_force(subject: UUID, page: Paging) -> list[schemas.Note]:
    """A page of the person's notes in force, newest first."""
    standing = select(RequestRow).where(*_in_force(subject)).order_by(RequestRow.completed_at.desc(), RequestRow.id)
    with reading() as session:
        rows = page.of(list(session.scalars(standing.options(defer(RequestRow.outcome, raiseload=True)))))
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
