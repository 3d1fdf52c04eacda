"""Wrapping all content keys with another master key.

    1  the new key is on disk or in the settings, beside the old one; every process knows both
    2  everybody's access log gets an entry; then, in one transaction, every content key is wrapped with the new one
       (`rewrap`), and the change is noted
    3  the ledger records the change (`governance.ledger.master_key_changes`)
    4  a key in the home takes the place of the old one, which is overwritten (`take_into_use`)
    5  the note is removed (`forget`)

A machine that stops after step 2 has a note, and continues with step 3; before that, it starts over with the same new
key. At every moment each content key opens with a key that is known. Content keys are not given to anyone here.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from directory.keys import service, uses
from directory.keys.master import MasterKeys, opens
from directory.keys.ring import print_of
from directory.keys.uses import EVERYBODY, Job, Why
from directory.models import EmployeeRow, change_of, session_of
from directory.tables.content_keys import ContentKeyRow, RewrappingRow


def rewrap(engine: Engine, keys: MasterKeys) -> None:
    """Wrap every content key with the wanted one of `keys`, and note that; the entry for everybody's access log is on
    disk before. Raises WrongMasterKey if one opens with none of them, PartUnavailable: then no key was changed.
    """
    uses.record(engine, Job(uuid4(), "rewrapping", Why.REWRAPPING, "content keys"), {EVERYBODY: 1})
    with change_of(engine) as session:
        _wrap_all(session, keys)
        session.add(RewrappingRow(change=uuid4()))


def is_done(engine: Engine, keys: MasterKeys) -> bool:
    """Whether the wanted key wraps every content key."""
    with session_of(engine) as session:
        return all(opens(keys.wanted, wrapped) for wrapped in session.scalars(select(ContentKeyRow.wrapped)))


def noted(engine: Engine) -> list[UUID]:
    """Changes that are done here and not yet everywhere else."""
    with session_of(engine) as session:
        return list(session.scalars(select(RewrappingRow.change)))


def forget(engine: Engine, changes: list[UUID]) -> None:
    with change_of(engine) as session:
        session.execute(delete(RewrappingRow).where(RewrappingRow.change.in_(changes)))


def take_over(replaced: Engine, restored: Engine, keys: MasterKeys) -> None:
    """Add the content keys of another directory for people who have none here, wrapped with the wanted one of `keys`.
    Those that open with none of `keys`, or that the key service doesn't have any more, are left out. Raises
    HomeUnavailable, PartUnavailable.
    """
    there = {None, *(service.key_service().names() if service.is_chosen() else ())}
    with session_of(replaced) as session:
        others = list(session.scalars(select(ContentKeyRow)))
    with change_of(restored) as session:
        people = set(session.scalars(select(EmployeeRow.subject)))
        known = set(session.scalars(select(ContentKeyRow.subject)))
        for row in others:
            opened = row.service_key in there and any(opens(key, row.wrapped) for key in keys.keys)
            if opened and row.subject in people - known:
                anew = _anew(row.wrapped, row.first_print, keys)
                same = {"created_at": row.created_at, "service_key": row.service_key}
                session.add(ContentKeyRow(subject=row.subject, **same, **anew))


def wrap_with(engine: Engine, keys: MasterKeys) -> None:
    """Wrap every content key of a directory that no one uses yet with the wanted one. Raises as `rewrap`."""
    with change_of(engine) as session:
        _wrap_all(session, keys)


def _wrap_all(session: Session, keys: MasterKeys) -> None:
    known = session.execute(select(ContentKeyRow.subject, ContentKeyRow.wrapped, ContentKeyRow.first_print))
    anew = [
        {"subject": subject, **_anew(wrapped, first_print, keys)}
        for subject, wrapped, first_print in known
        if not opens(keys.wanted, wrapped)
    ]
    if anew:
        session.execute(update(ContentKeyRow), anew)


def _anew(wrapped: bytes, first_print: str | None, keys: MasterKeys) -> dict[str, object]:
    """The columns of a content key that is wrapped with the wanted one of `keys`."""
    return {
        "wrapped": aes_key_wrap(keys.wanted, keys.unwrap(wrapped)),
        "first_print": print_of(wrapped, first_print),
    }
