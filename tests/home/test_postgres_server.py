"""The PostgreSQL server of the tests itself: what it is trusted to do by the tests that stop and kill it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.support.postgres import Server, serving


@pytest.fixture
def own() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_each_test_has_a_database_of_its_own(postgres: Server, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create table here (number integer)")
    other = postgres.new_database()
    with psycopg.connect(other) as connection:
        assert connection.execute("select count(*) from pg_tables where tablename = 'here'").fetchone() == (0,)
    postgres.drop_database(other)


@pytest.mark.parametrize("end", [Server.kill, Server.stop])
def test_what_was_committed_is_there_after_a_restart(own: Server, end: Callable[[Server], None]) -> None:
    with psycopg.connect(own.url()) as connection:
        connection.execute("create table kept (number integer)")
    with psycopg.connect(own.url()) as connection:
        connection.execute("insert into kept values (1)")
        connection.commit()
        connection.execute("insert into kept values (2)")
        end(own)
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    own.start()
    with psycopg.connect(own.url()) as connection:
        assert connection.execute("select number from kept").fetchall() == [(1,)]
