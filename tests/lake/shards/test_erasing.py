"""An erasure in a lake of several shards: complete wherever something of the person is, and nothing else is touched."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import each_shard, parts, transaction, writer
from lake.storage.shards.moving import spread
from tests.lake.rows import every_minute, purge_is_due, put
from tests.lake.setups import IN_BOTH, ON_SQLITE
from tests.lake.shards.test_moving import EACH, RECEIVED, die_moving, of


@pytest.fixture
def three(home: Path) -> list[UUID]:
    """Ada, Ben and Eve, each in a shard of their own: 0, 1 and 2."""
    slots = range(0, 256, 8)
    people = [UUID(bytes=uuid4().bytes[:15] + bytes([slot])) for slot in slots]
    spread(3)
    with writer() as connection:
        found = [next(iter(here)) for _, here in parts(connection, people)]
        for person in found:
            put(connection, person, every_minute(EACH))
    return found


def erase(person: UUID, scope: Scope = Scope()) -> erasure.Removed:  # noqa: B008 (immutable)
    with writer() as connection:
        erasure.write_tombstone(connection, person, scope, request := uuid4(), RECEIVED)
        removed = erasure.remove(connection, person, scope, request, RECEIVED)
        maintenance.purge_where_due(connection)
    return removed


def mention(record_of: UUID, person: UUID) -> None:
    """A record of somebody says something about a person."""
    for connection, _ in each_shard([record_of]):
        with transaction(connection):
            insert_mention(connection, person)


def insert_mention(connection: DuckDBPyConnection, person: UUID) -> None:
    connection.execute(
        "insert into indirect_captures (subject, capture_id, role, captured_at, signal, application)"
        " select $person, capture_id, 'mentioned', captured_at, signal, application from captures limit 1",
        {"person": person},
    )


def mentions() -> list[list[UUID]]:
    """Of whom the records of each shard say something."""
    with writer() as connection:
        return [
            [who for (who,) in shard.execute("select subject from lake.main.indirect_captures").fetchall()]
            for shard, _ in parts(connection)
        ]


def files(home: Path, shard: int) -> dict[str, int]:
    """The data files of a shard, and when each was written."""
    folder = home / "lake" / "data"
    found = {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in folder.rglob("*.parquet")}
    of_shard = f"shards/{shard}/"
    return {
        name: at for name, at in found.items() if name.startswith(of_shard) or (not shard and "shards/" not in name)
    }


@IN_BOTH
def test_each_person_is_erased_from_their_shard(three: list[UUID]) -> None:
    for number, person in enumerate(three):
        assert erase(person).erased == EACH
        assert [of(one) for one in three] == [0] * (number + 1) + [EACH] * (2 - number)
        assert not purge_is_due()


@ON_SQLITE
def test_files_of_other_shards_stay_as_they_were(three: list[UUID], home: Path) -> None:
    before = [files(home, shard) for shard in range(3)]
    assert all(before)
    erase(three[1])
    after = [files(home, shard) for shard in range(3)]
    assert after[2] == before[2]
    assert not [name for name in after[1] if "captures" in name]
    assert {name: at for name, at in before[0].items() if "captures" in name}.items() <= after[0].items()


@IN_BOTH
def test_what_records_of_another_shard_say_goes_too(three: list[UUID]) -> None:
    ada, ben, eve = three
    mention(ada, ben)
    mention(eve, ben)
    mention(eve, ada)
    assert [set(people) for people in mentions()] == [{ben}, set(), {ada, ben}]
    erase(ben)
    assert [set(people) for people in mentions()] == [set(), set(), {ada}]
    assert not purge_is_due()


def rows_about(person: UUID) -> list[int]:
    """In the tables of each shard, whether they count or not."""
    tables = ("captures", "capture_rollup")
    with writer() as connection:
        return [
            sum(
                shard.execute(f"select count(*) from lake.main.{table} where subject = $s", {"s": person}).fetchall()[
                    0
                ][0]
                for table in tables
            )
            for shard, _ in parts(connection)
        ]


@ON_SQLITE
@pytest.mark.parametrize("scope", [Scope(), Scope(signals=("keystroke",))], ids=["everything", "a part"])
@pytest.mark.parametrize(
    ("name", "when", "turn"), [("_copy", "after", 1), ("_place", "after", 4), ("_without_doubled", "before", 1)]
)
def test_nothing_stays_where_a_killed_move_left_it(home: Path, name: str, when: str, turn: int, scope: Scope) -> None:
    people = [UUID(bytes=uuid4().bytes[:15] + bytes([slot])) for slot in range(0, 256, 37)]
    with writer() as connection:
        for person in people:
            put(connection, person, every_minute(EACH))
    die_moving(f"{when} lake.storage.shards.moving:{name}", turn)
    assert [person for person in people if len([rows for rows in rows_about(person) if rows]) == 2]
    for person in people:
        assert erase(person, scope).erased == EACH
        with writer() as connection:
            assert erasure.verify_absent(connection, person, scope, RECEIVED) == 0
        assert not any(rows_about(person))
    assert not purge_is_due()


@ON_SQLITE
def test_a_copy_that_does_not_count_is_found_again(home: Path) -> None:
    ada = UUID(bytes=uuid4().bytes[:15] + b"\x01")
    with writer() as connection:
        put(connection, ada, every_minute(EACH))
    die_moving("after lake.storage.shards.moving:_copy", 1)
    copied = [number for number, rows in enumerate(rows_about(ada)) if rows]
    assert len(copied) == 2
    with writer() as connection:
        for number, (shard, _) in enumerate(parts(connection)):
            if number == copied[0]:
                with transaction(shard):
                    shard.execute("delete from captures where subject = $s", {"s": ada})
                    shard.execute("delete from capture_rollup where subject = $s", {"s": ada})
        assert erasure.verify_absent(connection, ada, Scope(), RECEIVED) == EACH


@contextmanager
def storing_meanwhile(record_of: UUID, person: UUID, until: threading.Event) -> Iterator[None]:
    """Somebody stores a record that says something about a person, as if it had read the rules before the block, and
    commits it in the block."""
    begun = threading.Event()

    def store() -> None:
        for connection, _ in each_shard([record_of]):
            with transaction(connection):
                connection.execute("select count(*) from tombstones").fetchall()
                insert_mention(connection, person)
                begun.set()
                until.wait(30)

    thread = threading.Thread(target=store)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        until.set()
        thread.join()


@IN_BOTH
def test_what_another_shard_is_storing_is_waited_for(three: list[UUID]) -> None:
    ada, ben, _ = three
    committed = threading.Event()
    timer = threading.Timer(3, committed.set)
    with storing_meanwhile(ben, ada, committed):
        timer.start()
        erase(ada)
    assert not any(ada in people for people in mentions())
