"""Versions of the lake's schema.

A lake that is made anew has the schema of `schema.sql`, which has every migration in it. One that an earlier version of
Open Book made gets the migrations that it lacks, in order: each in one transaction with its number, so that one which
is interrupted has done nothing and is done again.

Programs of an earlier version may be running meanwhile, or be started later. They can go on if the migration says so,
in a line `-- Goes with: NUMBER`: whoever knows the migrations up to that number may use the lake after it. It may say
so only if it adds tables or columns that can be null, and if it is right, too, what these programs leave null or write
anew without them. Otherwise they refuse the lake. Programs that don't know 0009 refuse every later one.

A further shard (`lake.storage.shards`) gets the statements that are about its tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from duckdb import DuckDBPyConnection

import clock
from lake.statements import statement
from lake.storage.shards import FIRST, TABLES, entered
from lake.storage.unavailable import LakeUnavailable

FOLDER = Path(__file__).parents[1] / "migrations"
NAMED = re.compile(r"(\d{4})_(\w+)\.sql")
ABOUT = re.compile(r"^\s*(?:(?:create|alter|drop) table|insert into|update|delete from)\s+(\w+)", re.MULTILINE)
"""The table that a statement is about."""
GOES_WITH = re.compile(r"^-- Goes with: (\d{4})$", re.MULTILINE)
SAYS_SO = 9
"""From this one on a lake says which programs can go on."""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def goes_with(self) -> int:
        """The lowest number that a program must know to use the lake after it."""
        said = GOES_WITH.search(self.sql)
        return int(said[1]) if said else self.number


@cache
def every() -> tuple[Migration, ...]:
    """All migrations, in order, numbered from 1. Raises ValueError if a number is missing or there twice."""
    found = [(NAMED.fullmatch(path.name), path) for path in sorted(FOLDER.glob("*.sql"))]
    made = [Migration(int(name[1]), name[2], path.read_text(encoding="utf-8")) for name, path in found if name]
    if [each.number for each in made] != list(range(1, len(found) + 1)):
        raise ValueError(f"{FOLDER} must have one migration for each number from 0001 on.")
    return tuple(made)


def pending(connection: DuckDBPyConnection) -> tuple[Migration, ...]:
    """Those that the lake lacks. Raises LakeUnavailable for a lake of a later version that this one can't use."""
    found, needed = _version(connection)
    if needed > len(every()):
        raise LakeUnavailable(
            "The lake was made by a later version of Open Book. Nothing was changed. Start that version, or restore a "
            "backup from before it."
        )
    return every()[found:]


def require_current(connection: DuckDBPyConnection) -> None:
    """Raises LakeUnavailable for a lake of another version."""
    if pending(connection):
        raise LakeUnavailable(
            "The lake was made by an earlier version. Nothing was changed. Start this version's API or a worker "
            "first: it brings the lake up to date."
        )


def carry_out(connection: DuckDBPyConnection, migration: Migration) -> None:
    """In a transaction of the caller."""
    carry_out_here(connection, migration.sql)
    _note(connection, [migration])


def carry_out_here(connection: DuckDBPyConnection, sql: str) -> None:
    """The statements that are for the shard at hand."""
    for each in connection.extract_statements(sql):
        about = ABOUT.search(each.query)
        if entered() == FIRST or (about and about[1] in (*TABLES, "migrations")):
            connection.execute(each)


def note_all(connection: DuckDBPyConnection) -> None:
    """For a lake that is made anew, in the transaction that makes it."""
    _note(connection, every())


def _version(connection: DuckDBPyConnection) -> tuple[int, int]:
    """The newest migration that the lake has had, and the newest that a program must know."""
    there = {name for (name,) in connection.execute(statement("tables")).fetchall()}
    if "migrations" not in there:
        return 0, 0
    [(newest, needed)] = connection.execute(statement("lake_version")).fetchall()
    return int(newest), int(needed)


def _note(connection: DuckDBPyConnection, done: Sequence[Migration]) -> None:
    noted = {"numbers": [each.number for each in done], "migrated_at": clock.now_utc()}
    if done[-1].number < SAYS_SO:
        connection.execute(statement("note_early_migrations"), noted)
    else:
        connection.execute(statement("note_migrations"), noted | {"goes_with": [each.goes_with for each in done]})
