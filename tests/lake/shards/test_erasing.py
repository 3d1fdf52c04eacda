"""An erasure in a lake of several shards: complete wherever something of the person is, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import each_shard, parts, transaction, writer
from lake.storage.shards.moving import spread
from queries.connection import answering
from tests.lake.rows import MORNING, count, every_minute, purge_is_due, put
from tests.lake.setups import IN_BOTH, ON_SQLITE

RECEIVED = MORNING.replace(year=2027)
EACH = 5


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


def erase(person: UUID) -> erasure.Removed:
    with writer() as connection:
        erasure.write_tombstone(connection, person, Scope(), request := uuid4(), RECEIVED)
        removed = erasure.remove(connection, person, Scope(), request, RECEIVED)
        maintenance.purge_where_due(connection)
    return removed


def of(person: UUID) -> int:
    return answering(lambda cursor: count(cursor, person), person)


def mention(record_of: UUID, person: UUID) -> None:
    """A record of somebody says something about a person."""
    for connection, _ in each_shard([record_of]):
        with transaction(connection):
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
