"""Sessions as rows of a table in PostgreSQL."""

from __future__ import annotations

import weakref
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Column, Engine, Float, LargeBinary, MetaData, String, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from databases import locks, postgresql
from databases.postgresql import Schema
from directory.web_sessions.kind import Kept
from parts import using

TABLE = "dashboard_session"
WRITE_SECONDS = 5

_metadata = MetaData()
_table = Table(
    TABLE,
    _metadata,
    Column("reference", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("ends_at", Float, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
_complete = weakref.WeakSet[Engine]()


class InDatabase:
    def read(self, reference: str) -> Kept | None:
        this = select(_table.c.content, _table.c.ends_at).where(_table.c.reference == reference)
        with using(postgresql.NAME), _engine().connect() as connection:
            row = connection.execute(this).first()
        return Kept(*row) if row else None

    def ends_at(self, reference: str) -> float | None:
        with using(postgresql.NAME), _engine().connect() as connection:
            found: float | None = connection.scalar(select(_table.c.ends_at).where(_table.c.reference == reference))
        return found

    def write(self, reference: str, content: bytes, ends_at: float) -> None:
        person = reference.partition(".")[0]
        kept = insert(_table).values(reference=reference, person=person, ends_at=ends_at, content=content)
        new = {"ends_at": kept.excluded.ends_at, "content": kept.excluded.content}
        with using(postgresql.NAME), _writing().begin() as connection:
            connection.execute(kept.on_conflict_do_update(index_elements=[_table.c.reference], set_=new))

    def remove(self, reference: str) -> None:
        with using(postgresql.NAME), _writing().begin() as connection:
            connection.execute(delete(_table).where(_table.c.reference == reference))

    def of_person(self, person: str) -> list[tuple[str, float]]:
        theirs = select(_table.c.reference, _table.c.ends_at).where(_table.c.person == person)
        with using(postgresql.NAME), _engine().connect() as connection:
            return [(row.reference, row.ends_at) for row in connection.execute(theirs)]

    def remove_ended(self, now: float) -> int:
        with using(postgresql.NAME), _writing().begin() as connection:
            connection.execute(delete(_table).where(_table.c.ends_at <= now))
            return int(connection.scalar(select(func.count()).select_from(_table)) or 0)

    def turn(self, reference: str, purpose: str, patience: float) -> AbstractContextManager[object]:
        return locks.lock(Path(purpose) / f"{reference}.lock", patience)


def _engine() -> Engine:
    engine = postgresql.engine(Schema.DIRECTORY)
    if engine not in _complete:
        postgresql.add_missing(engine, _metadata, [TABLE], ())
        _complete.add(engine)
    return engine


def _writing() -> Engine:
    return _engine().execution_options(writing=WRITE_SECONDS)
