"""A lake is divided and people are moved between its shards: nothing is lost, doubled or left behind."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import LakeUnavailable, each_shard, parts, reader_once, writer
from lake.storage.shards import SHARDS, TABLES, Placing, placing
from lake.storage.shards.moving import spread
from lake.storage.store import Batch, store
from queries.connection import answering
from tests.lake.rows import MORNING, arrow_rows, count, every_minute, put, rollup_differences
from tests.lake.setups import IN_BOTH, ON_SQLITE
from tests.lake.traces import Keys, needles, places
from tests.resilience.traps import die, set_trap
from tests.support import forking

EACH = 5
RECEIVED = MORNING.replace(year=2027)
POINTS = [
    ("_place", "after", 1), ("_place", "after", 3), ("_copy", "before", 1), ("_copy", "after", 1),
    ("_place", "after", 4), ("_without_doubled", "before", 1), ("_without_doubled", "after", 2),
]  # fmt: skip


@pytest.fixture
def everybody(home: Path) -> list[UUID]:
    """Some people, in slots of every shard, each with some captures."""
    people = [UUID(bytes=uuid4().bytes[:15] + bytes([slot])) for slot in range(0, 256, 37)]
    for connection, here in each_shard(people):
        for person in here:
            put(connection, person, every_minute(EACH))
    return people


def contents() -> dict[str, list[str]]:
    """Every row of every table that shards have."""
    with reader_once() as connection:
        return {table: sorted(map(str, connection.execute(f"from {table}").fetchall())) for table in TABLES}


def of(person: UUID) -> int:
    """How many captures their own questions find."""
    return answering(lambda cursor: count(cursor, person), person)


def now() -> Placing:
    with reader_once() as connection:
        return placing.read(connection)


def rows_by_shard() -> dict[str, int]:
    """How many captures the catalog of each shard has, whoever counts them."""
    with writer() as connection:
        return {
            str(number): shard.execute("select count(*) from lake.main.captures").fetchall()[0][0]
            for number, (shard, _) in enumerate(parts(connection))
        }


@IN_BOTH
def test_everybody_is_there_once_however_it_is_divided(everybody: list[UUID]) -> None:
    before = contents()
    for shards in (3, 2, 4, 1):
        spread(shards)
        assert {now().of(person) for person in everybody} == set(range(shards))
        assert contents() == before
        assert sum(rows_by_shard().values()) == EACH * len(everybody)
    with writer() as connection:
        assert rollup_differences(connection) == []


def test_a_person_is_only_in_their_shard(everybody: list[UUID]) -> None:
    spread(4)
    placed = now()
    with writer() as connection:
        for number, (shard, here) in enumerate(parts(connection, everybody)):
            owners = {owner for (owner,) in shard.execute("select distinct subject from captures").fetchall()}
            assert owners == here == {person for person in everybody if placed.of(person) == number}


def killed_move(point: str, turn: int) -> None:
    """Divides the lake, in a process that is killed when it comes to this point for the `turn`th time."""
    left = turn

    def come() -> None:
        nonlocal left
        left -= 1
        if not left:
            die()

    set_trap(point, come)
    spread(3)


def die_moving(point: str, turn: int) -> None:
    process = forking.start(killed_move, point, turn)
    process.join(120)
    assert process.exitcode == -signal.SIGKILL


@ON_SQLITE
@pytest.mark.parametrize(("name", "when", "turn"), POINTS)
def test_a_killed_move_loses_and_doubles_nothing(everybody: list[UUID], name: str, when: str, turn: int) -> None:
    before = contents()
    die_moving(f"{when} lake.storage.shards.moving:{name}", turn)
    assert contents() == before
    for person in everybody:
        assert of(person) == EACH
    spread(3)
    assert contents() == before
    assert (now().doubled, sum(rows_by_shard().values())) == (None, EACH * len(everybody))


def test_who_looks_meanwhile_finds_everything_once(everybody: list[UUID]) -> None:
    wrong: list[object] = []
    looked = 0
    done = threading.Event()

    def look() -> None:
        nonlocal looked
        while not done.is_set():
            everything = answering(lambda cursor: cursor.execute("select count(*) from captures").fetchall())
            mine = [of(one) for one in everybody]
            if everything != [(EACH * len(everybody),)] or set(mine) != {EACH}:
                wrong.append((everything, mine))
            looked += 1

    looking = threading.Thread(target=look)
    looking.start()
    try:
        spread(3)
        spread(2)
    finally:
        done.set()
        looking.join()
    assert wrong == []
    assert looked > 3


def test_records_that_arrive_meanwhile_are_stored_once(everybody: list[UUID]) -> None:
    ada = everybody[1]
    later = [every_minute(3, MORNING.replace(hour=hour)) for hour in range(12, 20)]
    failed: list[Exception] = []

    def arrive() -> None:
        try:
            for some in later:
                for _ in range(2):
                    for connection, _ in each_shard([ada]):
                        store(connection, Batch(batch := uuid4(), ada, "test"), arrow_rows(ada, batch, some))
        except Exception as error:
            failed.append(error)

    arriving = threading.Thread(target=arrive)
    arriving.start()
    spread(4)
    arriving.join()
    assert failed == []
    assert of(ada) == EACH + 3 * len(later)


@IN_BOTH
def test_no_byte_stays_where_somebody_was(home: Path) -> None:
    """Neither of the moved rows, nor after an erasure of the copied ones."""
    ada = UUID(bytes=uuid4().bytes[:15] + b"\x01")
    keys = Keys()
    batch = Batch(uuid4(), ada, "test")
    rows = arrow_rows(ada, batch.batch, every_minute(EACH))
    with writer() as connection:
        store(connection, batch, rows)
        keys.remember(connection)
    wanted = needles(rows)
    before = places(wanted, keys)
    assert before
    spread(2)
    with writer() as connection:
        for shard, _ in parts(connection):
            keys.remember(shard)
    moved = places(wanted, keys)
    assert moved
    assert not moved & {name for name in before if name.endswith(".parquet")}
    with writer() as connection:
        removed = erasure.remove(connection, ada, Scope(), uuid4(), RECEIVED)
        assert (removed.erased, removed.nothing_left) == (EACH, True)
        maintenance.purge(connection)
        for shard, _ in parts(connection):
            keys.remember(shard)
    assert places(wanted, keys) == set()


def test_data_of_a_shard_that_belongs_to_another_home_is_refused(everybody: list[UUID], home: Path) -> None:
    spread(2)
    placed = now()
    person = next(each for each in everybody if placed.of(each) == 1)
    identity = next(home.parent.rglob(f"{SHARDS}/1/identity"))
    identity.write_text(identity.read_text().replace(str(placed.lakes[0]), str(uuid4())))
    with pytest.raises(LakeUnavailable, match="another home"):
        of(person)
