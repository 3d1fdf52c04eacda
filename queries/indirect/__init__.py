"""In which records of others a person is mentioned, quoted, answered or assigned: not whose, nor what they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.archives.items import Role
from languages import mark
from queries.loader import ask

WORDS = {
    Role.MENTIONED: mark("you were mentioned"),
    Role.ANSWERED: mark("somebody answered you"),
    Role.QUOTED: mark("you were quoted"),
    Role.ASSIGNED: mark("you were assigned"),
    Role.REPORTER: mark("you are named as reporter"),
    Role.EDITED: mark("somebody edited what you had written"),
}


@dataclass(frozen=True)
class Indirect:
    """Records of one UTC day, application and role."""

    day: date
    application: str
    role: Role
    records: int

    @property
    def words(self) -> str:
        return WORDS[self.role]


def indirect(cursor: DuckDBPyConnection, subject: Subject) -> list[Indirect]:
    """The newest day first, without what an erasure hides."""
    return _read(cursor, subject, hidden=False)


def hidden(cursor: DuckDBPyConnection, subject: Subject) -> int:
    """How many records an erasure hides that isn't finished."""
    return sum(each.records for each in _read(cursor, subject, hidden=True))


def by_role(found: list[Indirect]) -> Counter[Role]:
    counted: Counter[Role] = Counter()
    for each in found:
        counted[each.role] += each.records
    return counted


def _read(cursor: DuckDBPyConnection, subject: Subject, *, hidden: bool) -> list[Indirect]:
    return [
        Indirect(day, application, Role(role), records)
        for day, application, role, is_hidden, records in ask(cursor, subject, "indirect").fetchall()
        if is_hidden == hidden
    ]
