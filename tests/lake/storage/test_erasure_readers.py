"""Readers stay attached while captures are removed and purged under them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import catalog_path, reader, writer
from tests.lake.reading import Reading
from tests.lake.rows import MORNING, count, every_minute, put
from tests.lake.setups import IN_BOTH

pytestmark = IN_BOTH

ROOT = Path(__file__).parents[3]
RECEIVED = MORNING + timedelta(days=30)
DAYS = 5
A_DAY = 20


@pytest.fixture
def subject(home: Path) -> UUID:
    """A person with 20 captures on each of five days."""
    someone = uuid4()
    captures = [one for day in range(DAYS) for one in every_minute(A_DAY, MORNING + timedelta(days=day))]
    with writer() as connection:
        put(connection, someone, captures)
    return someone


def erase_day_by_day(subject: UUID) -> None:
    """Erase all days except the last, each with its own purge."""
    with writer() as connection:
        for day in range(1, DAYS):
            scope = Scope(until_at=MORNING + timedelta(days=day))
            erasure.remove(connection, subject, scope, uuid4(), RECEIVED)
            maintenance.purge(connection)


def log_bytes() -> int:
    log = Path(f"{catalog_path()}-wal")
    return log.stat().st_size if log.exists() else 0


def assert_only_true_answers(answers: list[tuple[int, ...]]) -> None:
    """Only states before or after an erasure, in order, and some of them were seen."""
    allowed = [(A_DAY * days, A_DAY * days, 10 * A_DAY * days) for days in range(DAYS, 0, -1)]
    assert [tuple(answer) for answer in answers] == [one for one in allowed if one in map(tuple, answers)]
    assert tuple(answers[0]) == allowed[0]
    assert tuple(answers[-1]) == allowed[-1]


def test_a_reader_process_sees_before_or_after_without_errors(subject: UUID) -> None:
    command = [sys.executable, "-m", "tests.lake.reading", str(subject)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        erase_day_by_day(subject)
        output, _ = process.communicate(timeout=60)
    told = json.loads(output)
    assert told["errors"] == []
    for answers in told["answers"]:
        assert_only_true_answers(answers)


def test_a_reader_thread_sees_before_or_after_without_errors(subject: UUID) -> None:
    reading = Reading(subject)
    thread = threading.Thread(target=reading.run)
    thread.start()
    reading.started.wait()
    erase_day_by_day(subject)
    reading.started.clear()
    reading.started.wait()
    reading.done.set()
    thread.join()
    assert reading.errors == []
    for answers in reading.answers:
        assert_only_true_answers(answers)


def test_purge_empties_the_log_despite_attached_readers(subject: UUID) -> None:
    connection = reader()
    try:
        assert count(connection, subject) == A_DAY * DAYS
        erase_day_by_day(subject)
        assert not log_bytes()
        assert count(connection, subject) == A_DAY
    finally:
        connection.close()


def test_an_endless_read_is_reported_and_purge_is_repeatable(subject: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = reader()
    connection.execute("begin")
    assert count(connection, subject) == A_DAY * DAYS
    with writer() as writing:
        erasure.remove(writing, subject, Scope(), uuid4(), RECEIVED)
        monkeypatch.setattr(maintenance, "PATIENCE_SECONDS", 0.1)
        with pytest.raises(maintenance.ReadersInTheWay):
            maintenance.purge(writing)
        connection.execute("rollback")
        maintenance.purge(writing)
        assert not log_bytes()
        assert count(writing, subject) == 0
    connection.close()
