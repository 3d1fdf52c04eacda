"""Each connection to PostgreSQL has what shows that the other side is gone, on both sides."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dbos import DBOSClient

from databases import postgresql
from databases.postgresql import Schema
from governance.db import work_queue
from lake.storage.catalogs.sessions import Sessions

pytestmark = pytest.mark.state_in_postgresql

OF_SERVER = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "11000",
    "client_connection_check_interval": "2000",
}
OF_CLIENT = {
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 5,
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 2,
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 3,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT): 11_000,
}
SHOWN = "select name, setting from pg_settings where name like 'tcp%' or name = 'client_connection_check_interval'"


@contextmanager
def of_state() -> Iterator[Any]:
    with postgresql.engine(Schema.GOVERNANCE).connect() as connection:
        yield connection.connection.driver_connection


@contextmanager
def of_queue() -> Iterator[Any]:
    client = DBOSClient(system_database_url=work_queue.system_database_url(), dbos_system_schema=Schema.QUEUE)
    try:
        with client._sys_db.engine.connect() as connection:
            yield connection.connection.driver_connection
    finally:
        client.destroy()


def of_lock() -> Any:
    return closing(postgresql.connect())


def of_lake() -> Any:
    return closing(Sessions(os.environ["OPENBOOK_DATABASE_URL"], "public").new("open-book-turn"))


def of_duckdb() -> Any:
    """As DuckDB is told to connect."""
    return closing(psycopg.connect(Sessions(os.environ["OPENBOOK_DATABASE_URL"], "public").information("reader")))


@pytest.mark.parametrize("opened", [of_state, of_queue, of_lock, of_lake, of_duckdb])
def test_both_sides_notice_that_the_other_is_gone(home: Path, opened: Callable[[], Any]) -> None:
    with opened() as connection:
        shown = connection.execute(SHOWN).fetchall()
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            of_client = {option: wire.getsockopt(*option) for option in OF_CLIENT}
    assert dict(shown) == OF_SERVER
    assert of_client == OF_CLIENT
