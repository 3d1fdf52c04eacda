"""What processes of any machine say about themselves: a row of each, and an advisory lock as long as it lives."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from databases import postgresql
from databases.locks import Held
from home import HomeUnavailable, Part
from parts import using

if TYPE_CHECKING:
    import psycopg

TABLE = "key_holder"
MAKE = f"create table if not exists directory.{TABLE} (id uuid primary key, process text not null, keys text not null)"


@dataclass(frozen=True)
class Hold:
    """A connection that this process keeps open, for its lock."""

    connection: psycopg.Connection[Any]
    process: int
    """Whose connection it is: one that was forked must not end it."""

    def is_lost(self) -> bool:
        """Whether the server has ended it, as when it was restarted."""
        return Held(self.connection).is_lost(0)

    def end(self) -> None:
        if self.process == os.getpid():
            self.connection.close()


def hold(process: str, prints: list[str]) -> Hold:
    """Say this, until the process ends. Raises HomeUnavailable, PartUnavailable."""
    own = uuid4()
    with using(postgresql.NAME):
        connection = postgresql.connect()
        try:
            if not _has_directory(connection):
                raise HomeUnavailable.missing(Part.DIRECTORY)
            connection.execute(MAKE)
            connection.execute("select pg_advisory_lock(%s)", [_key(own)])
            row = own, process, json.dumps(prints)
            connection.execute("insert into directory.key_holder (id, process, keys) values (%s, %s, %s)", row)
        except BaseException:
            connection.close()
            raise
    return Hold(connection, os.getpid())


def living() -> Iterator[tuple[str, list[str]]]:
    """What those say that live; the rows of others are removed. Raises PartUnavailable."""
    with using(postgresql.NAME), closing(postgresql.connect()) as connection:
        if not _has_directory(connection):
            return
        connection.execute(MAKE)
        for own, process, keys in connection.execute("select id, process, keys from directory.key_holder").fetchall():
            taken = connection.execute("select pg_try_advisory_lock(%s)", [_key(own)]).fetchone()
            if taken == (True,):
                connection.execute("delete from directory.key_holder where id = %s", [own])
            else:
                yield process, json.loads(keys)


def _has_directory(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("select to_regnamespace('directory') is not null").fetchone() == (True,)


def _key(own: object) -> int:
    return postgresql.key_of(f"key holder {own}")
