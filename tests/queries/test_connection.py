"""One connection per process: opened late, shared by threads, reopened when the lake is replaced."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

import queries
from directory import Employee, UnknownEmployee
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import LakeUnavailable, writer
from queries import Own
from queries.connection import answering, identity, snapshot
from tests.lake.rows import change, every_minute, put
from tests.lake.setups import IN_BOTH, ON_SQLITE
from tests.support.people import Company

pytestmark = IN_BOTH

OwnOf = Callable[[Employee], Own]


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


@ON_SQLITE
def test_a_missing_lake_is_used_again_once_restored(ada: Employee, own_of: OwnOf, home: Path) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3))
    own = own_of(ada)
    away = (home / "lake").rename(home.with_name("away"))
    with pytest.raises(LakeUnavailable, match="is missing"):
        own.summary()
    away.rename(home / "lake")
    assert own.summary().captures == 3


def test_an_empty_lake_has_an_answer_to_every_question(ada: Employee, own_of: OwnOf) -> None:
    with writer():
        pass
    own = own_of(ada)
    summary = own.summary()
    assert (summary.captures, summary.first_at, summary.kept_until, summary.next_expiry_day) == (0, None, None, None)
    assert own.records(Scope()).records == []
    assert own.count(Scope()) == 0
    for table in (own.captures_per_day(), own.models(), own.retention(), own.removals(), own.holds(), own.policies()):
        assert table.empty
        assert len(table.columns) > 3


def test_commits_are_visible_at_once(ada: Employee, own_of: OwnOf) -> None:
    own = own_of(ada)
    with writer() as connection:
        for number in range(1, 4):
            put(connection, ada.subject, every_minute(1))
            assert own.count(Scope()) == number


@ON_SQLITE
def test_a_replaced_lake_is_reopened(ada: Employee, own_of: OwnOf, home: Path) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3))
    assert own_of(ada).count(Scope()) == 3
    before = answering(identity)
    shutil.copytree(home / "lake", home / "copy")
    shutil.rmtree(home / "lake")
    with pytest.raises(LakeUnavailable):
        own_of(ada).count(Scope())
    (home / "copy").rename(home / "lake")
    assert own_of(ada).count(Scope()) == 3
    assert answering(identity) != before


def test_a_running_query_survives_replacing_the_lake(ada: Employee, own_of: OwnOf, home: Path) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3))
    with snapshot() as cursor:
        queries.connection.close()
        assert own_of(ada).count(Scope()) == 3
        assert cursor.execute("select count(*) from captures").fetchall() == [(3,)]


def test_threads_share_the_connection_from_the_first_question(person: Company, token_for: Callable[..., str]) -> None:
    people = [person(f"person{number}@example.com") for number in range(4)]
    with writer() as connection:
        for number, somebody in enumerate(people):
            put(connection, somebody.subject, every_minute(number + 1))
    tokens = [token_for(somebody) for somebody in people]
    together = threading.Barrier(8)

    def visit(visitor: int) -> list[int]:
        together.wait()
        own = queries.sign_in(tokens[visitor % 4])
        return [own.summary().captures, len(own.records(Scope()).records), own.count(Scope(signals=("keystroke",)))]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(visit, range(8)))
    assert answers == [[visitor % 4 + 1] * 3 for visitor in range(8)]


def test_readers_continue_while_files_are_deleted(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(50))
    own = own_of(ada)
    done = threading.Event()
    found: list[int] = []

    def read() -> None:
        while not done.is_set():
            found.append(len(own.records(Scope(), limit=1000).records))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with writer() as connection:
            for _ in range(3):
                first = "delete from captures where capture_id in (select min(capture_id) from captures)"
                change(connection, ada.subject, first, {})
                maintenance.purge(connection)
    finally:
        done.set()
        reader.join()
    assert set(found) <= {50, 49, 48, 47}
    assert own.records(Scope(), limit=1000).records[46:]


def test_the_connection_can_only_read_the_lake(ada: Employee, home: Path) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(1))
    for statement in (
        "delete from captures",
        "insert into policies select * from policies",
        f"select * from read_text('{home}/directory/master.key')",
        f"attach '{home}/other.duckdb' as other",
        f"copy captures to '{home}/captures.csv'",
        "set enable_external_access = true",
        "install httpfs",
    ):
        with pytest.raises(duckdb.Error):
            answering(lambda cursor, statement=statement: cursor.execute(statement).fetchall())  # type: ignore[misc]
    assert answering(lambda cursor: cursor.execute("select count(*) from captures").fetchall()) == [(1,)]


def test_a_request_is_fulfilled_for_the_person_who_filed_it(ada: Employee) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(2))
    own = queries.for_request(ada.subject, uuid4())
    assert own.employee == ada
    assert own.count(Scope()) == 2
    with pytest.raises(LookupError):
        _ = own.signed_in


def test_a_request_of_an_unknown_person_is_refused(home: Path) -> None:
    from uuid import uuid4

    with pytest.raises(UnknownEmployee):
        queries.for_request(uuid4(), uuid4())
