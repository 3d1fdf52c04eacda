"""Rows and their rollup are stored together, once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from lake.storage.store import Batch, store, store_many
from tests.lake.rows import MORNING, arrow_rows, count, every_minute, one_value, put, rollup_differences


def test_the_same_rows_twice_add_nothing(lake: DuckDBPyConnection) -> None:
    person, captures = uuid4(), every_minute(20)
    assert put(lake, person, captures).stored == 20
    again = put(lake, person, captures)
    assert (again.stored, again.already_known) == (0, 20)
    assert count(lake, person) == 20
    assert one_value(lake, "select count(*) from batches") == 1


def test_a_capture_twice_in_one_batch_is_stored_once(lake: DuckDBPyConnection) -> None:
    person, captures = uuid4(), every_minute(3)
    done = put(lake, person, [*captures, captures[0]])
    assert (done.stored, done.already_known) == (3, 1)
    assert rollup_differences(lake) == []


def test_only_what_is_new_is_added(lake: DuckDBPyConnection) -> None:
    person, captures = uuid4(), every_minute(20)
    put(lake, person, captures[:15])
    more = put(lake, person, captures[10:])
    assert (more.stored, more.already_known) == (5, 5)
    assert rollup_differences(lake) == []


def test_redacted_captures_are_counted_in_batch_and_rollup(lake: DuckDBPyConnection) -> None:
    person = uuid4()
    later = MORNING + timedelta(hours=1)
    done = put(lake, person, [*every_minute(4, redactions=(("iban", 2),)), *every_minute(6, later)])
    assert done.redacted == 4
    assert one_value(lake, "select sum(redacted)::int from capture_rollup") == 4
    assert lake.execute("select distinct redactions from captures where redactions is not null").fetchall() == [
        ({"iban": 2},)
    ]


def test_several_peoples_batches_are_kept_apart(lake: DuckDBPyConnection) -> None:
    batches = [Batch(uuid4(), uuid4(), "test", read=number) for number in (3, 5)]
    rows = pa.concat_tables(arrow_rows(one.subject, one.batch, every_minute(one.read)) for one in batches)
    assert [one.stored for one in store_many(lake, batches, rows)] == [3, 5]
    assert [count(lake, one.subject) for one in batches] == [3, 5]
    assert rollup_differences(lake) == []


@pytest.mark.parametrize("statement", ["append_captures", "append_slices", "append_batches"])
def test_an_interrupted_batch_leaves_no_trace(
    lake: DuckDBPyConnection, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lake.statements import statement as real

    def interrupted(name: str) -> str:
        if name == statement:
            raise KeyboardInterrupt
        return real(name)

    person = uuid4()
    batch = Batch(uuid4(), person, "test", read=5)
    rows = arrow_rows(person, batch.batch, every_minute(5))
    with monkeypatch.context() as power_cut:
        power_cut.setattr("lake.storage.store.statement", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store(lake, batch, rows)
    for table in ("captures", "capture_rollup", "batches"):
        assert lake.execute(f"select count(*) from {table}").fetchall() == [(0,)]
    assert store(lake, batch, rows).stored == 5


def test_no_readable_content_is_in_a_stored_row(lake: DuckDBPyConnection) -> None:
    put(lake, uuid4(), every_minute(5, text="the quarterly figures"))
    assert one_value(lake, "select count(*) from captures where sealed is not null") == 5
    [row] = lake.execute("select * from captures limit 1").fetchall()
    assert all(b"quarterly" not in cell for cell in row if isinstance(cell, bytes))
