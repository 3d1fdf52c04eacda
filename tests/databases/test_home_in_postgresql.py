"""A home whose state is in PostgreSQL: only its own database is used, and nothing is created in place of one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError

import directory.models
from databases import postgresql
from databases.postgresql import Schema
from directory import Directory
from governance.copies import state
from governance.copies.errors import NotMoved
from governance.db import database, work_queue
from governance.db.database import reading
from governance.db.tables import HomeRow
from governance.operations import first_start
from home import HomeUnavailable
from lake.storage import making
from lake.storage.connection import reader_once
from parts import OutOfReach
from tests.governance.conftest import ROOT, Client
from tests.lake.rows import count
from tests.support import homes
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.postgres import Server

PASSWORD = "a-password-of-the-database"


@pytest.fixture
def empty(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`OPENBOOK_DATABASE_URL` is an empty database."""
    monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres_url)
    yield postgres_url
    work_queue.close()
    database.close()


def schemas(url: str) -> set[str]:
    with closing(psycopg.connect(url)) as connection:
        return {name for (name,) in connection.execute("select nspname from pg_namespace")} & set(Schema)


def run(url: str, statement: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(statement.encode())


def refused(what: str) -> None:
    with pytest.raises(HomeUnavailable, match=what), reading() as session:
        session.scalars(select(HomeRow)).all()
    with pytest.raises(HomeUnavailable, match=what), Directory.open():
        pass
    with pytest.raises(HomeUnavailable, match=what):
        work_queue.check()


def test_the_first_start_makes_no_files_of_the_state(no_home: Path, empty: str) -> None:
    first_start.init()
    assert schemas(empty) == set(Schema)
    assert not list(no_home.rglob("governance.sqlite*"))
    assert not list(no_home.rglob("directory.sqlite*"))
    assert not list(no_home.rglob("work.sqlite*"))
    assert "Nothing was changed" in first_start.init()


def test_an_empty_database_is_not_taken_for_the_state(no_home: Path, empty: str) -> None:
    homes.copy(no_home)
    refused("is missing, or is not of this home")
    assert schemas(empty) == set()


def test_a_home_of_an_earlier_version_is_not_adopted_into_it(no_home: Path, empty: str) -> None:
    homes.copy(no_home)
    (no_home / "home.json").unlink()
    with pytest.raises(HomeUnavailable, match="Open it once without OPENBOOK_DATABASE_URL"):
        first_start.require_home()
    assert schemas(empty) == set()
    assert not (no_home / "home.json").exists()


def test_the_database_of_another_home_is_refused(no_home: Path, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first_start.init()
    database.close()
    monkeypatch.setenv("OPENBOOK_HOME", str(no_home.with_name("other")))
    with pytest.raises(HomeUnavailable, match="already has governance, directory, dbos"):
        first_start.init()
    with monkeypatch.context() as without:
        without.delenv("OPENBOOK_DATABASE_URL")
        homes.make(no_home.with_name("third"))
    monkeypatch.setenv("OPENBOOK_HOME", str(no_home.with_name("third")))
    refused("is missing, or is not of this home")


def test_a_database_that_sorts_otherwise_is_refused(
    no_home: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(postgres.url(), "create database unsuitable template template0 encoding 'SQL_ASCII'")
    monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres.url("unsuitable"))
    with pytest.raises(HomeUnavailable, match="must have the encoding UTF8 and the locale C"):
        first_start.init()
    assert schemas(postgres.url("unsuitable")) == set()
    run(postgres.url(), "drop database unsuitable")


def test_an_interrupted_first_start_begins_again(no_home: Path, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(making, "create", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            first_start.init()
    assert schemas(empty) == set(Schema)
    refused("was interrupted")
    first_start.init()
    with reading() as session:
        assert session.get_one(HomeRow, 1).home


@pytest.mark.state_in_postgresql
def test_without_the_setting_the_state_is_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.close()
    monkeypatch.delenv("OPENBOOK_DATABASE_URL")
    refused("This home lacks")
    assert not (home / "governance" / "governance.sqlite").exists()


@pytest.mark.state_in_postgresql
def test_a_server_that_is_away_is_answered_with_503(home: Path, postgres: Server, api: Client, person: Company) -> None:
    client = api(person())
    assert client.post("/v1/requests", json={"type": "export"}).status_code == 201
    postgres.stop()
    try:
        answers = [client.get("/v1/requests"), client.post("/v1/requests", json={"type": "export"})]
    finally:
        postgres.start()
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert len(client.get("/v1/requests").json()) == 1


@pytest.mark.state_in_postgresql
def test_nothing_is_written_while_reading(home: Path) -> None:
    with reading() as session:
        session.get_one(HomeRow, 1).snapshot = 7
        with pytest.raises(InternalError, match="read-only"):
            session.flush()


@pytest.mark.state_in_postgresql
def test_a_directory_of_an_earlier_version_gets_what_it_lacks(home: Path, person: Company) -> None:
    ada = person()
    with postgresql.connect() as connection:
        connection.execute("drop table directory.letter_code")
        connection.execute("alter table directory.link drop column left_at")
    database.close()
    with Directory.open() as opened:
        assert opened.by_subject(ada.subject) == ada
        assert opened.links() == []
        assert opened.end_letter(ada.subject) is None
    with postgresql.connect() as connection:
        kind = connection.execute(
            "select data_type from information_schema.columns where table_name = 'link' and column_name = 'left_at'"
        ).fetchone()
    assert kind == ("timestamp without time zone",)
    assert set(directory.models.LATER)


@pytest.mark.state_in_postgresql
def test_a_backup_is_restored_into_an_empty_database(
    home: Path, person: Company, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    store_captures(ada, 3)

    def governance(command: str, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "governance", command, str(tmp_path / "backups")],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stderr

    governance("backup")
    database.close()
    shutil.rmtree(home)
    assert "already has" in governance("restore", status=1)
    monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres_url)
    governance("restore")
    with Directory.open() as opened:
        assert opened.by_subject(ada.subject) == ada
    with reader_once() as connection:
        assert count(connection, ada.subject) == 3
    assert [file.name for file in home.rglob("*.sqlite")] == ["catalog.sqlite"]
    database.close()
    work_queue.close()


def test_errors_name_no_password(no_home: Path, monkeypatch: pytest.MonkeyPatch, postgres: Server) -> None:
    monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres.url("nowhere").replace("postgres@", f"postgres:{PASSWORD}@"))
    with pytest.raises(OutOfReach) as raised:
        first_start.init()
    done = subprocess.run(
        [sys.executable, "-m", "governance", "init"], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 1
    assert PASSWORD not in done.stdout + done.stderr + str(raised.value)
    assert "can't be reached" in done.stderr


@pytest.mark.state_in_postgresql
def test_what_a_later_version_added_is_not_left_out_of_a_copy(home: Path, tmp_path: Path) -> None:
    state.to_files(tmp_path / "known.sqlite")
    with database.writing() as session:
        session.execute(text("alter table request add column later varchar"))
    with pytest.raises(NotMoved, match=r"doesn't know request\.later"):
        state.to_files(tmp_path / "unknown.sqlite")
