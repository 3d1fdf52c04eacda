"""What was answered to a person holds until something about them changes, or may have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import each_shard, reader_once, transaction, writer
from lake.storage.shards import TABLES, placing
from lake.storage.shards.moving import spread
from queries import Kept, Own
from queries.connection import answering
from queries.lasting.own_rows import INTO, LOOKED_AT, State, state
from tests.lake.rows import MORNING, every_minute, place_hold, put
from tests.lake.setups import IN_BOTH
from tests.support.people import Company

pytestmark = IN_BOTH

OwnOf = Callable[[Employee], Own]
VALUES = {
    "UUID": "uuid()",
    "TIMESTAMP": "timestamp '2026-03-02 09:00:00'",
    "DATE": "date '2026-03-02'",
    "VARCHAR": "'x'",
    "INTEGER": "1",
    "BIGINT": "1",
    "BLOB": "'x'::blob",
}


class Page:
    """What a person's session keeps."""

    def __init__(self, own: Own) -> None:
        self._own = own
        self._kept = Kept()

    def look(self) -> tuple[object, int, int]:
        """From which state of the lake the answers are; how many records there are, and how many batches' sources."""
        with self._own.at_once(self._kept) as own:
            return own.lake, own.count(Scope()), len(own.sources())


@pytest.fixture
def people(person: Company) -> tuple[Employee, Employee]:
    return person("ada@example.com"), person("ben@example.com")


@pytest.fixture
def page(people: tuple[Employee, Employee], own_of: OwnOf) -> Page:
    """Ada's, who has looked at it before."""
    with writer() as connection:
        for somebody in people:
            put(connection, somebody.subject, every_minute(3))
    page = Page(own_of(people[0]))
    page.look()
    return page


def add(person: UUID, table: str) -> None:
    """A row about a person to a table, which may be of their shard or of everybody."""
    with reader_once() as connection:
        columns = {name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()}
    values = [
        f"$person as {name}" if name == "subject" else f"{_value(kind)} as {name}" for name, kind in columns.items()
    ]
    statement = f"insert into {table} by name select {', '.join(values)}"

    def insert(connection: DuckDBPyConnection) -> None:
        with transaction(connection):
            connection.execute(statement, {"person": person})

    if table in TABLES:
        for connection, _ in each_shard([person]):
            insert(connection)
    else:
        with writer() as connection:
            insert(connection)


def _value(kind: str) -> str:
    return VALUES.get(kind, f"null::{kind}")


def test_records_of_others_change_nothing(page: Page, people: tuple[Employee, Employee]) -> None:
    before = page.look()
    for turn in range(1, 4):
        with writer() as connection:
            put(connection, people[1].subject, every_minute(2, MORNING + timedelta(days=turn)))
        assert page.look() == before


def test_their_own_are_seen_at_once(page: Page, people: tuple[Employee, Employee]) -> None:
    before, records, _ = page.look()
    for turn in range(1, 4):
        with writer() as connection:
            for somebody in reversed(people):
                put(connection, somebody.subject, every_minute(2, MORNING + timedelta(days=turn)))
        now, found, _ = page.look()
        assert (now != before, found) == (True, records + 2 * turn)
        before = now


@pytest.mark.parametrize("table", LOOKED_AT)
def test_a_row_about_them_is_seen_in_every_table(page: Page, people: tuple[Employee, Employee], table: str) -> None:
    ada, ben = people
    before, *_ = page.look()
    add(ben.subject, table)
    assert page.look()[0] == before
    add(ada.subject, table)
    assert page.look()[0] != before


def test_only_tables_with_rows_about_one_person_are_let_pass(people: tuple[Employee, Employee]) -> None:
    with reader_once() as connection:
        for table in INTO:
            assert "subject" in {name for name, *_ in connection.execute(f"describe {table}").fetchall()}
        rows = "select subject from captures except select subject from capture_rollup"
        assert not connection.execute(rows).fetchall()


def _hold(connection: DuckDBPyConnection, ben: UUID) -> None:
    place_hold(connection, ben)


def _erase(connection: DuckDBPyConnection, ben: UUID) -> None:
    erasure.write_tombstone(connection, ben, Scope(), uuid4(), MORNING + timedelta(days=9))
    erasure.remove(connection, ben, Scope(), uuid4(), MORNING + timedelta(days=9))


def _compact(connection: DuckDBPyConnection, ben: UUID) -> None:
    put(connection, ben, every_minute(2, MORNING + timedelta(days=1)))
    maintenance.compact(connection)


def _alter(connection: DuckDBPyConnection, _: UUID) -> None:
    connection.execute("create table lake.main.more (number integer)")


@pytest.mark.parametrize("change", [_hold, _erase, _compact, _alter])
def test_what_else_happens_is_a_reason_to_look(
    page: Page, people: tuple[Employee, Employee], change: Callable[[DuckDBPyConnection, UUID], None]
) -> None:
    before, *answers = page.look()
    with writer() as connection:
        change(connection, people[1].subject)
    now, *found = page.look()
    assert now != before
    assert found == answers


@pytest.mark.undivided
def test_so_are_snapshots_that_have_expired(page: Page, people: tuple[Employee, Employee]) -> None:
    before, *_ = page.look()
    for turn in (1, 2):
        with writer() as connection:
            put(connection, people[1].subject, every_minute(2, MORNING + timedelta(days=turn)))
    for connection, _ in each_shard([one.subject for one in people]):
        maintenance.expire_snapshots(connection)
    now, found, _ = page.look()
    assert (now != before, found) == (True, 3)


@pytest.mark.undivided
@pytest.mark.parametrize("others", [0, 2])
def test_so_is_a_move_to_a_shard_whose_snapshots_have_such_numbers(person: Company, own_of: OwnOf, others: int) -> None:
    spread(2)
    with reader_once() as connection:
        placed = placing.read(connection)
    there = [one for one in (person(f"p{number}@example.com") for number in range(16)) if placed.of(one.subject) == 1]
    ada, ben = there[:2]

    def store(turn: int) -> None:
        with writer() as connection:
            put(connection, ben.subject, every_minute(1, MORNING + timedelta(days=turn)))

    with writer() as connection:
        put(connection, ada.subject, every_minute(3))
    for turn in range(20):
        store(turn)
    page = Page(own_of(ada))
    before, *answers = page.look()
    assert isinstance(before, State)
    with writer() as connection:
        place_hold(connection, ada.subject)
    spread(1)
    turn = 20
    while answering(state, ada.subject).of_first < before.of_shard + others:
        store(turn := turn + 1)
    now, *found = page.look()
    assert isinstance(now, State)
    assert now.of_first >= before.of_shard + others
    assert (now != before, found) == (True, answers)
    assert len(own_of(ada).holds()) == 1


@pytest.mark.undivided
def test_many_snapshots_are_not_looked_through(
    page: Page, people: tuple[Employee, Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queries.lasting.own_rows.FEW", 2)
    before, *_ = page.look()
    states = []
    for stored in (2, 3):
        for turn in range(stored):
            with writer() as connection:
                put(connection, people[1].subject, every_minute(1, MORNING + timedelta(days=turn, hours=stored)))
        states.append(page.look()[0])
    assert (states[0] == before, states[1] == before) == (True, False)
