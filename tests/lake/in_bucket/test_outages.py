"""The bucket is cut off and comes back: nothing is lost, doubled or half done, and no outage looks like a deletion."""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from governance.api.monitoring import health
from lake.storage import connection as lake
from lake.storage import maintenance
from lake.storage.connection import LakeDamaged, LakeUnavailable, reader, reading, transaction, writer
from lake.storage.verifying import verify
from queries import connection as questions
from tests.governance.conftest import Capture as Capturing
from tests.governance.conftest import Client, api, capture, closed_databases, ended, unknown, wait_until, work
from tests.lake.rows import count, every_minute, one_value, put, rollup_differences
from tests.support.line import Line
from tests.support.object_storage import TestBucket
from tests.support.people import Company

__all__ = ["api", "capture", "closed_databases", "unknown", "work"]

SUBJECT = UUID("a0a0a0a0-0000-4000-8000-000000000001")
AWAY = "can't be reached"


def asked() -> int:
    return questions.answering(lambda cursor: count(cursor, SUBJECT))


def test_questions_are_answered_again_after_an_outage(line: Line) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    assert asked() == 5
    line.cut()
    with pytest.raises(LakeUnavailable, match=AWAY) as away:
        asked()
    assert not isinstance(away.value, LakeDamaged)
    for use in (reader, lambda: writer().__enter__()):
        with pytest.raises(LakeUnavailable, match=AWAY):
            use()
    line.mend()
    assert asked() == 5


def test_a_read_in_progress_ends_with_an_error_never_with_less(line: Line) -> None:
    with writer() as connection:
        for minute in range(3):
            put(connection, SUBJECT, every_minute(5 + minute))

    def interrupted(cursor: lake.DuckDBPyConnection) -> int:
        line.cut()
        return count(cursor, SUBJECT)

    with pytest.raises(LakeUnavailable, match=AWAY):
        questions.answering(interrupted)


def test_a_write_is_complete_or_not_made_at_all(line: Line, bucket: TestBucket) -> None:
    captures = every_minute(20)
    with writer() as connection:
        put(connection, SUBJECT, captures[:5])
        line.cut()
        with pytest.raises(Exception, match="") as failed:
            put(connection, SUBJECT, captures)
        assert lake.meaning(failed.value) is not None if isinstance(failed.value, lake.duckdb.Error) else True
    line.mend()
    with pytest.raises(LakeUnavailable, match=AWAY), writer() as connection, transaction(connection):
        connection.execute("delete from captures where subject = $subject", {"subject": SUBJECT})
        line.cut()
        connection.execute("insert into captures select * from captures")
    line.mend()
    with writer() as connection:
        assert count(connection, SUBJECT) == 5
        assert put(connection, SUBJECT, captures).stored == 15
        line.cut()
    line.mend()
    with writer() as connection:
        assert count(connection, SUBJECT) == 20
        assert rollup_differences(connection) == []
        maintenance.purge(connection)
    assert verify().damaged == ()


def test_a_purge_goes_on_after_an_outage(line: Line) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
        connection.execute("delete from captures where subject = $subject", {"subject": SUBJECT})
    for step in ("rewrite_files", "delete_files"):
        with pytest.raises(LakeUnavailable, match=AWAY), writer() as connection:
            maintenance.mark_purge_due()
            line.cut()
            getattr(maintenance, step)(connection)
        line.mend()
    with writer() as connection:
        assert maintenance.purge_is_due()
        maintenance.purge(connection)
        assert not maintenance.purge_is_due()


def test_verifying_tells_an_outage_from_damage(line: Line, bucket: TestBucket) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    assert verify().damaged == ()
    line.cut()
    with pytest.raises(LakeUnavailable, match=AWAY):
        verify()
    line.mend()
    [key] = [key for key in bucket.keys() if "/captures/" in key]
    whole = bucket.contents()[key]
    for altered, words in ((whole[:-1], "bytes instead of"), (whole[:-9] + b"x" + whole[-8:], "altered")):
        bucket.replace(key, altered)
        assert words in verify().damaged[0].what
    bucket.server.ask("DELETE", f"{bucket.name}/open/book/{key}")
    assert verify().damaged[0].what == "it is missing"
    with pytest.raises(LakeDamaged):
        asked()


def test_an_emptied_bucket_is_not_taken_for_damage(home: Path, bucket: TestBucket) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    with closing(reader()) as connection, reading():
        connection.execute("begin")
        for key in bucket.keys():
            bucket.server.ask("DELETE", f"{bucket.name}/open/book/{key}")
        with pytest.raises(LakeUnavailable, match="nothing of this home") as gone:
            lake.retrying(lambda: count(connection, SUBJECT))
    assert not isinstance(gone.value, LakeDamaged)


def test_the_secret_is_in_no_error(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_OBJECTS_SECRET", "hidden'; select")
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
        assert "hidden" not in str(connection.execute("from duckdb_secrets()").fetchall())
        line.cut()
        with pytest.raises(Exception, match="") as away, transaction(connection):
            connection.execute("insert into captures select * from captures")
    assert "hidden" not in "".join(traceback.format_exception(away.value))


def test_readiness_and_figures_know_the_bucket(line: Line, unknown: TestClient) -> None:
    assert unknown.get("/readyz").status_code == 200
    line.cut()
    answer = unknown.get("/readyz")
    assert answer.status_code == 503
    assert AWAY in answer.text
    line.mend()
    assert unknown.get("/readyz").status_code == 200
