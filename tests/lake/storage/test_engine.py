"""What was reported about DuckLake, and must not happen here: on both set-ups, in the way that the product uses it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import reader, reading, writer
from lake.storage.verifying import verify
from tests.lake.rows import MORNING, count, every_minute, one_value, put, rollup_differences
from tests.lake.setups import IN_BOTH

pytestmark = IN_BOTH

ROOT = Path(__file__).parents[3]
RECEIVED = MORNING + timedelta(days=1)
EXCEL = Scope(applications=("Excel",))
LOADS = 60
WRITES = 5

WRITE = f"""
import sys
from uuid import UUID
from lake.storage.connection import writer
from tests.lake.rows import every_minute, put
for _ in range({WRITES}):
    with writer() as connection:
        put(connection, UUID(sys.argv[1]), every_minute(3))
        connection.execute("delete from captures where subject = $subject and signal = 'mouse_move'",
                           {{"subject": UUID(sys.argv[1])}})
"""


def store(subject: UUID) -> None:
    with writer() as connection:
        put(connection, subject, [*every_minute(5), *every_minute(4, application="Chrome")])


def test_a_delete_stays_when_newer_snapshots_expire(home: Path) -> None:
    subject = uuid4()
    store(subject)
    with writer() as connection:
        erasure.remove(connection, subject, EXCEL, uuid4(), RECEIVED)
        put(connection, uuid4(), every_minute(2))
        maintenance.expire_snapshots(connection)
        maintenance.delete_files(connection)
        assert count(connection, subject) == 4
        put(connection, uuid4(), every_minute(2))
        maintenance.expire_snapshots(connection)
        assert count(connection, subject) == 4
    with closing(reader()) as connection, reading():
        assert count(connection, subject) == 4


def test_encrypted_delete_files_are_read_by_every_process(home: Path) -> None:
    """Deletes without a rewrite leave files that say which rows are gone."""
    subject = uuid4()
    store(subject)
    with writer() as connection:
        for minute in range(3):
            connection.execute(
                "delete from captures where captured_at = $at", {"at": MORNING + timedelta(minutes=minute)}
            )
        deletes = "select count(*) from __ducklake_metadata_lake.ducklake_delete_file where end_snapshot is null"
        assert one_value(connection, deletes) > 0
    with closing(reader()) as connection, reading():
        assert count(connection, subject) == 3
    assert verify().damaged == ()
    with writer() as connection:
        maintenance.purge(connection)
        assert count(connection, subject) == 3
        assert one_value(connection, deletes) == 0


def test_merging_very_many_files_loses_nothing(home: Path) -> None:
    people = [uuid4() for _ in range(LOADS // 10)]
    with writer() as connection:
        for number in range(LOADS):
            put(connection, people[number % len(people)], every_minute(2, MORNING + timedelta(hours=number)))
        connection.execute("delete from captures where subject = $subject", {"subject": people[0]})
        connection.execute("delete from capture_rollup where subject = $subject", {"subject": people[0]})
        maintenance.compact(connection)
        assert not maintenance.crowded(connection)
        assert [count(connection, person) for person in people] == [0] + [20] * (len(people) - 1)
        assert rollup_differences(connection) == []
    assert verify().damaged == ()


def test_writers_of_several_processes_undo_nothing(home: Path) -> None:
    """Each adds captures and deletes what is not there, in turns; no writer misses what another committed."""
    people = [uuid4() for _ in range(3)]
    command = [sys.executable, "-c", WRITE]
    processes = [subprocess.Popen([*command, str(person)], cwd=ROOT) for person in people]
    assert [process.wait(200) for process in processes] == [0] * len(people)
    with writer() as connection:
        assert [count(connection, person) for person in people] == [3 * WRITES] * len(people)
        assert rollup_differences(connection) == []


@pytest.mark.parametrize("step", ["rewrite_files", "expire_snapshots", "delete_files", "rebuild_catalog"])
def test_a_read_that_began_before_sees_all_of_its_rows(home: Path, step: str) -> None:
    subject = uuid4()
    store(subject)
    with closing(reader()) as connection:
        with reading():
            assert count(connection, subject) == 9
        with writer() as writing:
            erasure.remove(writing, subject, EXCEL, uuid4(), RECEIVED)
            getattr(maintenance, step)(writing)
        with reading():
            assert count(connection, subject) == 4
