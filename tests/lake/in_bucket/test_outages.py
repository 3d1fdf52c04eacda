"""The bucket is cut off and comes back: nothing is lost, doubled or half done, and no outage looks like a deletion."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from duckdb import DuckDBPyConnection
from starlette.testclient import TestClient

from governance.api import service_tokens
from governance.api.monitoring import figures
from governance.api.service_tokens import Scope
from lake.storage import connection as lake
from lake.storage import maintenance
from lake.storage.connection import LakeDamaged, LakeUnavailable, reader, reading, transaction, writer
from lake.storage.verifying import verify
from queries import connection as questions
from tests.governance.conftest import api, capture, closed_databases, unknown, work
from tests.lake.rows import MORNING, every_minute, one_value, purge_is_due, put
from tests.support.line import Line
from tests.support.object_storage import TestBucket

__all__ = ["api", "capture", "closed_databases", "unknown", "work"]

SUBJECT = UUID("a0a0a0a0-0000-4000-8000-000000000001")
AWAY = "can't be reached"


def read(cursor: DuckDBPyConnection) -> int:
    """How many captures there are, as their files say: DuckLake counts without them where it can."""
    return int(one_value(cursor, "select count(sealed) from captures where subject = $subject", subject=SUBJECT))


def asked() -> int:
    return questions.answering(read)


def test_questions_are_answered_again_after_an_outage(line: Line) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    assert asked() == 5
    line.cut()
    with pytest.raises(LakeUnavailable, match=AWAY) as away:
        asked()
    assert not isinstance(away.value, LakeDamaged)
    uses: list[Callable[[], object]] = [reader, lambda: writer().__enter__()]
    for use in uses:
        with pytest.raises(LakeUnavailable, match=AWAY):
            use()
    line.mend()
    assert asked() == 5


def test_a_read_in_progress_ends_with_an_error_never_with_less(line: Line) -> None:
    with writer() as connection:
        for minute in range(3):
            put(connection, SUBJECT, every_minute(5 + minute))

    def interrupted(cursor: DuckDBPyConnection) -> int:
        line.cut()
        return read(cursor)

    with pytest.raises(LakeUnavailable, match=AWAY):
        questions.answering(interrupted)


def test_a_write_is_complete_or_not_made_at_all(line: Line) -> None:
    captures = every_minute(20)

    def cut_off_before(then: Callable[[DuckDBPyConnection], object]) -> None:
        with writer() as connection, transaction(connection):
            connection.execute("delete from captures where subject = $subject", {"subject": SUBJECT})
            line.cut()
            then(connection)

    with writer() as connection:
        put(connection, SUBJECT, captures[:5])
    with pytest.raises(LakeUnavailable, match=AWAY):
        cut_off_before(lambda connection: connection.execute("insert into capture_rollup from capture_rollup"))
    line.mend()
    with writer() as connection:
        assert read(connection) == 5
        assert put(connection, SUBJECT, captures).stored == 15
    cut_off_before(lambda _: None)
    line.mend()
    with writer() as connection:
        assert read(connection) == 0, "what was uploaded before was committed"
        assert put(connection, SUBJECT, captures).stored == 20
        maintenance.purge(connection)
        assert read(connection) == 20
    assert verify().damaged == ()


@pytest.mark.parametrize("step", ["rewrite_files", "delete_files"])
def test_a_purge_goes_on_after_an_outage(line: Line, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = getattr(maintenance, step)

    def cut_off(connection: DuckDBPyConnection) -> None:
        line.cut()
        real(connection)

    def purge() -> None:
        with writer() as connection:
            maintenance.mark_purge_due()
            maintenance.purge(connection)

    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
        connection.execute("delete from captures where captured_at = $at", {"at": MORNING})
    with monkeypatch.context() as outage:
        outage.setattr(maintenance, step, cut_off)
        with pytest.raises(LakeUnavailable, match=AWAY):
            purge()
    line.mend()
    assert purge_is_due()
    purge()
    assert not purge_is_due()
    assert asked() == 4


def test_verifying_tells_an_outage_from_damage(line: Line, bucket: TestBucket) -> None:
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
    assert verify().damaged == ()
    line.cut()
    with pytest.raises(LakeUnavailable, match=AWAY):
        verify()
    line.mend()
    [key] = [key for key in bucket.contents() if "/captures/" in key]
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
        for key in bucket.contents():
            bucket.server.ask("DELETE", f"{bucket.name}/open/book/{key}")
        with pytest.raises(LakeUnavailable, match="nothing of this home") as gone:
            lake.retrying(lambda: read(connection))
    assert not isinstance(gone.value, LakeDamaged)


def test_the_secret_is_in_no_error(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_OBJECTS_SECRET", "hidden'; select")
    with writer() as connection:
        put(connection, SUBJECT, every_minute(5))
        assert "hidden" not in str(connection.execute("from duckdb_secrets()").fetchall())
    line.cut()
    with pytest.raises(LakeUnavailable) as away:
        asked()
    assert "hidden" not in "".join(traceback.format_exception(away.value))
    monkeypatch.setattr("lake.storage.data_files.bucket.PART_BYTES", 1)
    with pytest.raises(LakeUnavailable) as refused:
        reader()
    assert "hidden" not in "".join(traceback.format_exception(refused.value))


def test_readiness_and_figures_know_the_bucket(
    line: Line, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, setting = service_tokens.make("monitoring", [Scope.METRICS_READ], ["*"], date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", setting)
    monkeypatch.setattr(figures, "FRESH_SECONDS", -1.0)

    def readable() -> str:
        lines = unknown.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text.splitlines()
        return next(line for line in lines if line.startswith('openbook_part_readable{part="objects"}'))

    assert unknown.get("/readyz").status_code == 200
    assert readable().endswith(" 1.0")
    line.cut()
    answer = unknown.get("/readyz")
    assert answer.status_code == 503
    assert AWAY in answer.text
    assert readable().endswith(" 0.0")
    line.mend()
    assert unknown.get("/readyz").status_code == 200
