"""Saving, listing and deleting views, each for the person themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import clock
from databases.by_person import count_by_person
from directory.access_tokens import Subject
from directory.keys import KeyRing
from directory.sealing import Content, Sealer, Unreadable
from errors import Conflict
from governance.db.database import reading, writing
from governance.saved_views.answers import SavedView, ViewToSave
from governance.saved_views.tables import SavedViewRow
from languages import mark
from languages.saying import say

MOST = 50


def views_of(owner: Subject) -> list[SavedView]:
    """By name. What can't be opened any more is left out."""
    with reading() as session:
        rows = _rows(session, owner)
    key = KeyRing().content_key(owner.key, owner.reader) if rows else None
    if key is None:
        return []
    opened = [(row, _open(row, Sealer(key))) for row in rows]
    views = [_view(row, content) for row, content in opened if content is not None]
    return sorted(views, key=lambda view: (view.name.casefold(), view.id))


def save(owner: Subject, view: UUID, wanted: ViewToSave) -> SavedView:
    """A new one, or in place of the one with this id. Safe to repeat. Raises Conflict."""
    with writing() as session:
        # Under the lock, so that an erasure, which destroys the key first, forgets whatever was sealed under it.
        sealer = Sealer(KeyRing().create_content_key(owner.key, owner.reader))
        others = 0
        for row in _rows(session, owner):
            if row.id == view:
                continue
            content = _open(row, sealer)
            if content is None:
                session.delete(row)
                continue
            others += 1
            if content["name"].casefold() == wanted.name.casefold():
                raise Conflict(mark("You have a view with this name. Choose another name, or delete that view first."))
        if others >= MOST:
            raise Conflict(say("You have {n} saved views, the most that are kept. Delete one first.", n=others))
        row = session.get(SavedViewRow, (owner.key, view)) or SavedViewRow(
            subject=owner.key, id=view, saved_at=clock.now_utc()
        )
        content = wanted.model_dump()
        row.sealed = sealer.seal(view, content)
        session.add(row)
        return _view(row, content)


def remove(subject: UUID, view: UUID) -> None:
    """Safe to repeat."""
    with writing() as session:
        session.execute(delete(SavedViewRow).where(SavedViewRow.subject == subject, SavedViewRow.id == view))


def forget(*subjects: UUID) -> None:
    """All of these people's. Safe to repeat."""
    with writing() as session:
        session.execute(delete(SavedViewRow).where(SavedViewRow.subject.in_(subjects)))


def count_of(session: Session, people: Collection[UUID]) -> Counter[UUID]:
    """By person, also those that can't be opened any more."""
    return count_by_person(session, SavedViewRow.subject, people)


def rows_of_export(owner: Subject) -> list[dict[str, object]]:
    """Every view; of those that can't be opened any more, only that there is one."""
    readable = {view.id: view.model_dump(mode="json") for view in views_of(owner)}
    with reading() as session:
        rows = _rows(session, owner)
    return [readable.get(row.id, {"id": str(row.id), "name": None}) for row in rows]


def _rows(session: Session, owner: Subject) -> list[SavedViewRow]:
    mine = select(SavedViewRow).where(SavedViewRow.subject == owner.key)
    return list(session.scalars(mine.order_by(SavedViewRow.saved_at, SavedViewRow.id)))


def _open(row: SavedViewRow, sealer: Sealer) -> Content | None:
    try:
        return sealer.open(row.id, row.sealed)
    except Unreadable:
        return None


def _view(row: SavedViewRow, content: Content) -> SavedView:
    return SavedView(
        id=row.id, name=content["name"], page=content["page"], query=content["query"], saved_at=row.saved_at
    )
