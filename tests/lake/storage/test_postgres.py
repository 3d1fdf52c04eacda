"""The lake with its catalog in PostgreSQL: turns of writers that end with them, and what a restart does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import psycopg
import pytest

from governance.operations import first_start
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.catalogs import postgres as catalogs
from lake.storage.connection import LakeBusy, LakeUnavailable, reader, transaction, writer
from queries import connection as questions
from settings import settings
from tests.lake.rows import MORNING, Capture, count, every_minute, put
from tests.support import lake_on_postgres
from tests.support.postgres import Server, serving

ROOT = Path(__file__).parents[3]
RECEIVED = MORNING + timedelta(days=1)

HOLD = """
import sys
import traceback
from uuid import UUID
from lake.storage.connection import transaction, writer
from tests.lake.rows import every_minute, put
subject = UUID(sys.argv[1])
with writer() as connection:
    put(connection, subject, every_minute(2))
    with transaction(connection):
        connection.execute("delete from captures where subject = $subject", {"subject": subject})
        print("writing", flush=True)
        sys.stdin.readline()
print("written", flush=True)
"""


@pytest.fixture
def home(postgres: Server, no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with lake_on_postgres.home(postgres, no_home, tmp_path / "data", monkeypatch) as home:
        yield home


@pytest.fixture
def database(home: Path) -> Iterator[psycopg.Connection]:
    with psycopg.connect(settings().lake_catalog, autocommit=True) as connection:
        yield connection


def end_sessions(database: psycopg.Connection, name: str) -> None:
    ended = database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where starts_with(application_name, %s)"
        " and datname = current_database()", (name,),
    ).fetchall()  # fmt: skip
    assert ended


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a transaction: it stored two captures of `SUBJECT` and deletes them."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(SUBJECT)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process
        process.kill()


def store_then_delete_and(then: Callable[[], object], captures: Sequence[Capture] = ()) -> None:
    """Store captures, delete them in a transaction, and let something happen before it is committed."""
    with writer() as connection:
        put(connection, SUBJECT, captures or every_minute(2))
        with transaction(connection):
            connection.execute("delete from captures where subject = $subject", {"subject": SUBJECT})
            then()


SUBJECT = UUID("a0a0a0a0-0000-4000-8000-000000000001")


def test_one_writer_at_a_time_over_all_processes(home: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "writing\n"
    with pytest.raises(LakeBusy), writer(patience=0.2):
        pass
    holder.communicate("\n")
    with writer() as connection:
        assert count(connection, SUBJECT) == 0


def test_a_wait_in_vain_takes_nothing_from_the_holder(home: Path) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(2))
        with pytest.raises(LakeBusy), writer(patience=0.1):
            pass
        maintenance.purge(connection)
        assert put(connection, SUBJECT, every_minute(3)).stored == 3


def test_the_turn_of_a_killed_writer_is_free_at_once(home: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "writing\n"
    holder.kill()
    with writer() as connection:
        assert count(connection, SUBJECT) == 2
        assert put(connection, SUBJECT, every_minute(3)).stored == 3
        maintenance.purge(connection)
        assert count(connection, SUBJECT) == 5


def test_a_stopped_writer_loses_its_turn_and_never_commits(
    home: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "LOST_SECONDS", 3.0)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "writing\n"
    os.kill(holder.pid, signal.SIGSTOP)
    with writer() as connection:
        assert put(connection, SUBJECT, every_minute(3)).stored == 3
    os.kill(holder.pid, signal.SIGCONT)
    output, _ = holder.communicate("\n")
    assert holder.returncode != 0
    assert "written" not in output
    with writer() as connection:
        assert count(connection, SUBJECT) == 5


def test_a_writer_that_lost_its_turn_can_not_commit(home: Path, database: psycopg.Connection) -> None:
    another = "update open_book_lake.open_book_turn set number = number + 1"
    with pytest.raises(LakeUnavailable) as refused:
        store_then_delete_and(lambda: database.execute(another))
    logged = "".join(traceback.format_exception(refused.value))
    assert "lost its turn" in logged
    assert "INSERT INTO" not in logged  # with smallest and largest values
    with writer() as connection:
        assert count(connection, SUBJECT) == 2


def test_a_waiting_turn_begins_after_a_commit_in_progress(home: Path, database: psycopg.Connection) -> None:
    """A commit that passed the check is finished before the number of the turn changes."""
    number = database.execute("select number from open_book_lake.open_book_turn").fetchone()
    assert number is not None
    with psycopg.connect(
        settings().lake_catalog,
        application_name=f"open-book-writer-open_book_lake-{number[0]}",
        options="-c search_path=open_book_lake",
    ) as late:
        late.execute("update ducklake_table_stats set record_count = record_count")
        database.execute("set lock_timeout = 300")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            database.execute("update open_book_lake.open_book_turn set number = number + 1")
        late.rollback()
    with psycopg.connect(settings().lake_catalog) as nobody, pytest.raises(psycopg.errors.RaiseException):
        nobody.execute("update open_book_lake.ducklake_table_stats set record_count = record_count")


def test_orphans_are_not_deleted_by_who_lost_the_turn(home: Path, database: psycopg.Connection) -> None:
    orphan = Path(settings().lake_data) / "main" / "captures" / "ducklake-new.parquet"
    with writer() as connection:
        put(connection, SUBJECT, every_minute(2))
        orphan.write_bytes(b"of the next writer")
        end_sessions(database, "open-book-turn")
        with pytest.raises(LakeUnavailable):
            maintenance.delete_files(connection)
    assert orphan.exists()
    with writer() as connection:
        maintenance.delete_files(connection)
    assert not orphan.exists()


def test_rows_that_a_transaction_may_see_are_reported(
    home: Path, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL keeps deleted rows for any open transaction of the database, whatever it reads."""
    monkeypatch.setattr(maintenance, "PATIENCE_SECONDS", 0.2)
    with writer() as connection:
        put(connection, SUBJECT, every_minute(2))
        with psycopg.connect(settings().lake_catalog) as other:
            other.execute("set transaction isolation level repeatable read")
            other.execute("select 1 from open_book_lake.open_book_turn")
            erasure.remove(connection, SUBJECT, Scope(), uuid4(), RECEIVED)
            with pytest.raises(maintenance.ReadersInTheWay):
                maintenance.purge(connection)
            assert maintenance.purge_is_due(connection)
        maintenance.purge(connection)
        assert not maintenance.purge_is_due(connection)


def test_the_planner_keeps_no_value_of_a_file(home: Path, database: psycopg.Connection) -> None:
    with writer() as connection:
        for _ in range(5):
            put(connection, SUBJECT, every_minute(3))
    database.execute("analyze")
    kept = database.execute(
        "select tablename, attname from pg_stats where schemaname = 'open_book_lake' and"
        " (most_common_vals::text || histogram_bounds::text) is not null"
    ).fetchall()
    named = {column for _, column in kept}
    assert named  # of numbers
    assert not named & {"min_value", "max_value", "path", "encryption_key", "partition_value"}
    assert str(SUBJECT) not in str(database.execute("select * from pg_stats").fetchall())


def test_frequent_questions_about_files_use_an_index(home: Path, database: psycopg.Connection) -> None:
    found = database.execute("select indexdef from pg_indexes where schemaname = 'open_book_lake'").fetchall()
    assert any("ducklake_file_column_stats" in of and "(table_id, column_id)" in of for (of,) in found)


@pytest.mark.parametrize(
    "statement",
    [
        "call postgres_execute('__ducklake_metadata_lake', 'delete from ducklake_table')",
        "delete from __ducklake_metadata_lake.ducklake_table",
        "call ducklake_expire_snapshots('lake', older_than => now())",
    ],
)
def test_a_reader_changes_nothing_in_the_database(home: Path, statement: str, database: psycopg.Connection) -> None:
    before = database.execute("select count(*) from open_book_lake.ducklake_table").fetchone()
    with closing(reader()) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement).fetchall()
    assert database.execute("select count(*) from open_book_lake.ducklake_table").fetchone() == before


def test_another_home_does_not_take_over_a_schema(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", str(tmp_path / "other data"))
    with pytest.raises(LakeUnavailable, match="already has a lake"):
        first_start.init()
    with pytest.raises(LakeUnavailable, match="already has a lake"):
        first_start.init()
    monkeypatch.undo()


def test_data_of_another_lake_is_refused(
    home: Path, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(settings().lake_data)
    monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", postgres.new_database())
    for _ in range(2):
        with pytest.raises(LakeUnavailable, match="not empty"):
            first_start.init()
    assert (data / "identity").exists()


def test_an_interrupted_first_start_is_begun_anew(
    no_home: Path, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", postgres_url)
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", str(tmp_path / "shared"))
    for name in ("lake.storage.making._create_tables", "governance.operations.first_start._write"):
        with monkeypatch.context() as power_cut:
            power_cut.setattr(name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                first_start.init()
    first_start.init()
    with writer() as connection:
        assert put(connection, uuid4(), every_minute(1)).stored == 1


def interrupted(_: object) -> None:
    raise KeyboardInterrupt


def test_without_the_database_data_elsewhere_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:  # as for a process that doesn't get the secret
        without.delenv("OPENBOOK_LAKE_CATALOG")
        assert settings().lake_data
        uses: list[Callable[[], object]] = [reader, lambda: writer().__enter__()]
        for use in uses:
            with pytest.raises(LakeUnavailable):
                use()


@pytest.fixture
def own(no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of this test alone, and a home whose catalog is in it."""
    with serving() as server, lake_on_postgres.home(server, no_home, tmp_path / "data", monkeypatch):
        yield server


def test_a_database_that_dies_in_a_write_loses_and_doubles_nothing(
    own: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    captures = every_minute(20)
    with pytest.raises(LakeUnavailable, match="Try again"):
        store_then_delete_and(own.kill, captures[:5])
    monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", settings().lake_catalog.replace("postgres@", "postgres:hidden@"))
    uses: list[Callable[[], object]] = [reader, lambda: writer().__enter__()]
    for ask in uses:
        with pytest.raises(LakeUnavailable, match="Try again") as away:
            ask()
        assert "hidden" not in "".join(traceback.format_exception(away.value))
    own.start()
    with writer() as connection:
        assert put(connection, SUBJECT, captures).stored == 15
        assert count(connection, SUBJECT) == 20


def test_questions_are_answered_again_after_a_restart(own: Server) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    assert questions.answering(lambda cursor: count(cursor, SUBJECT)) == 5
    own.kill()
    with pytest.raises(LakeUnavailable, match="Try again"):
        questions.answering(lambda cursor: count(cursor, SUBJECT))
    own.start()
    assert questions.answering(lambda cursor: count(cursor, SUBJECT)) == 5


def test_a_read_in_progress_ends_with_an_error_never_with_less(own: Server) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))

    def interrupted_once(cursor: duckdb.DuckDBPyConnection) -> int:
        own.kill()
        return count(cursor, SUBJECT)

    with pytest.raises(LakeUnavailable, match="Try again"):
        questions.answering(interrupted_once)
