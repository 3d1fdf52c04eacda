"""No byte of erased captures is left under the lake's folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from directory.keys import KeyRing, Oneself
from lake.rules import erasure
from lake.rules.retention import sweep
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import data_folder, writer
from lake.storage.store import Batch, store
from tests.lake.rows import MORNING, Capture, arrow_rows, count, every_minute
from tests.lake.setups import IN_BOTH
from tests.lake.traces import CATALOG, Keys, needles, places

pytestmark = IN_BOTH

Step = Callable[[DuckDBPyConnection], object]

RECEIVED = MORNING + timedelta(days=1)
EXCEL = Scope(applications=("Excel",))


class Lake:
    """One person with 12 captures in Excel, sealed, and 10 mouse moves in Chrome later that day, in other files;
    `traces` of Excel are looked for."""

    def __init__(self) -> None:
        self.subject = uuid4()
        self.keys = Keys()
        chrome = every_minute(10, MORNING + timedelta(hours=3), application="Chrome", signal="mouse_move", text=None)
        with writer() as connection:
            excel = self._store(connection, every_minute(12))
            self._store(connection, chrome)
            self.keys.remember(connection)
        self._wanted = needles(excel)

    def _store(self, connection: DuckDBPyConnection, captures: list[Capture]) -> pa.Table:
        batch = Batch(uuid4(), self.subject, "test")
        rows = arrow_rows(self.subject, batch.batch, captures)
        store(connection, batch, rows)
        return rows

    def run(self, *steps: Step) -> None:
        """Change the lake, in one session of its writer."""
        with writer() as connection:
            self.keys.remember(connection)
            for step in steps:
                step(connection)
                self.keys.remember(connection)

    def remove(self, scope: Scope) -> Step:
        return lambda connection: erasure.remove(connection, self.subject, scope, uuid4(), RECEIVED)

    def traces(self) -> set[str]:
        """Names of the files with traces of the captures in Excel."""
        return places(self._wanted, self.keys)


@pytest.fixture
def lake(home: Path) -> Lake:
    return Lake()


def test_before_an_erasure_traces_are_found(lake: Lake) -> None:
    found = lake.traces()
    assert CATALOG in found
    assert any(name.endswith(".parquet") for name in found)


@pytest.mark.parametrize("scope", [EXCEL, Scope()], ids=["one application", "everything"])
def test_a_plain_delete_leaves_traces(lake: Lake, scope: Scope) -> None:
    before = lake.traces()
    lake.run(lake.remove(scope))
    assert lake.traces() >= before


@pytest.mark.parametrize(("scope", "left"), [(EXCEL, 10), (Scope(), 0)], ids=["one application", "everything"])
def test_after_a_purge_no_byte_remains(lake: Lake, scope: Scope, left: int) -> None:
    lake.run(lake.remove(scope), maintenance.purge)
    assert lake.traces() == set()
    with writer() as connection:
        assert count(connection, lake.subject) == left


def test_shared_files_are_rewritten_without_erased_captures(lake: Lake) -> None:
    lake.run(maintenance.compact)
    assert lake.traces()
    lake.run(lake.remove(EXCEL), maintenance.purge)
    assert lake.traces() == set()


def test_retention_also_removes_captures_physically(lake: Lake) -> None:
    assert sweep(date(2027, 1, 1)) == {"removed": 22, "people": 1, "held": 0}
    lake.run()
    assert lake.traces() == set()


STEPS = ["rewrite_files", "expire_snapshots", "delete_files", "refresh_column_bounds", "rebuild_catalog"]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_a_purge_is_needed(lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Captures share a file with others, except for the step about files that are dropped completely."""
    if step != "refresh_column_bounds":
        lake.run(maintenance.compact)
    with monkeypatch.context() as without:
        without.setattr(maintenance, step, lambda connection: None)
        lake.run(lake.remove(EXCEL), maintenance.purge)
    assert lake.traces()
    lake.run(maintenance.purge)
    assert lake.traces() == set()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_purge_is_finished_by_the_next(
    lake: Lake, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Step = getattr(maintenance, step)

    def interrupted(connection: DuckDBPyConnection) -> None:
        if when == "after":
            real(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        power_cut.setattr(maintenance, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            lake.run(lake.remove(EXCEL), maintenance.purge)
    lake.run(maintenance.purge)
    assert lake.traces() == set()


def test_purge_deletes_files_of_interrupted_writes(lake: Lake) -> None:
    orphan = data_folder() / "main" / "captures" / "ducklake-orphan.parquet"
    orphan.write_bytes(b"written, never committed")
    lake.run(maintenance.purge)
    assert not orphan.exists()


def test_a_file_that_is_already_gone_does_not_stop_a_purge(lake: Lake) -> None:
    lake.run(lake.remove(Scope()), maintenance.rewrite_files, maintenance.expire_snapshots)
    for file in (data_folder() / "main" / "captures").rglob("*.parquet"):
        file.unlink()
    lake.run(maintenance.purge)
    assert lake.traces() == set()


def test_erasing_everything_destroys_the_content_key(lake: Lake) -> None:
    keys = KeyRing()
    assert keys.content_key(lake.subject, Oneself(lake.subject))
    lake.run(lake.remove(Scope()))
    assert keys.content_key(lake.subject, Oneself(lake.subject)) is None
