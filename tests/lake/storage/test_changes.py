"""Which snapshots may concern a table: never too few of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from duckdb import DuckDBPyConnection

from lake.storage import changes, maintenance
from lake.storage.changes import has_inserted, inserted_into, may_concern, table_numbers
from lake.storage.connection import transaction, writer
from tests.lake.rows import MORNING, change, every_minute, one_value, place_hold, put
from tests.lake.setups import IN_BOTH

pytestmark = IN_BOTH

ADA = UUID(int=1)
BEN = UUID(int=2)


def numbers(names: list[str], connection: DuckDBPyConnection) -> frozenset[int]:
    return frozenset(table_numbers(names, connection).values())


def now(connection: DuckDBPyConnection) -> int:
    return int(one_value(connection, "select id from lake.current_snapshot()"))


def test_only_the_tables_that_rows_came_to_or_went_from(home: object) -> None:
    with writer() as connection:
        holds, captures, models = (numbers([name], connection) for name in ("holds", "captures", "model_versions"))
        assert [len(each) for each in (holds, captures, models)] == [1, 1, 1]
        before = now(connection)
        put(connection, ADA, every_minute(3))
        place_hold(connection, ADA)
        after = now(connection)
        assert may_concern(holds, before, after, connection)
        assert may_concern(captures, before, after, connection)
        assert not may_concern(models, before, after, connection)
        assert not may_concern(captures, after, after, connection)


@pytest.mark.parametrize("how", ["delete from holds", "update holds set case_reference = 'x'"])
def test_rows_that_went_or_changed(home: object, how: str) -> None:
    with writer() as connection:
        place_hold(connection, ADA)
        holds, before = numbers(["holds"], connection), now(connection)
        change(connection, ADA, f"{how} where subject = $s", {"s": ADA})
        assert may_concern(holds, before, now(connection), connection)


def test_rows_in_other_files_are_the_same(home: object) -> None:
    with writer() as connection:
        put(connection, ADA, every_minute(3))
        put(connection, ADA, every_minute(3, MORNING + timedelta(hours=1)))
        captures, before = numbers(["captures"], connection), now(connection)
        maintenance.merge_files(connection)
        assert now(connection) > before
        assert not may_concern(captures, before, now(connection), connection)


def test_another_column_may_concern_every_table(home: object) -> None:
    with writer() as connection:
        captures, before = numbers(["captures"], connection), now(connection)
        with transaction(connection):
            connection.execute("alter table holds add column another varchar")
        assert may_concern(captures, before, now(connection), connection)


def test_what_is_not_known_may_concern_every_table(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer() as connection:
        models, before = numbers(["model_versions"], connection), now(connection)
        for hour in range(3):
            put(connection, ADA, every_minute(1, MORNING + timedelta(hours=hour)))
        after = now(connection)
        assert not may_concern(models, before, after, connection)
        assert may_concern(models, after, before, connection), "an earlier snapshot"
        assert may_concern(models, before, after + 1, connection), "one that isn't there"
        with monkeypatch.context() as few:
            few.setattr(changes, "MOST_SNAPSHOTS", 2)
            assert may_concern(models, before, after, connection), "too many"
        maintenance.expire_snapshots(connection)
        assert may_concern(models, before, after, connection), "expired ones"


def test_what_was_inserted_and_about_whom(home: object) -> None:
    with writer() as connection:
        stored = numbers(["captures", "capture_rollup", "batches"], connection)
        before = now(connection)
        put(connection, ADA, every_minute(3))
        middle = now(connection)
        put(connection, BEN, every_minute(3))
        after = now(connection)
        assert inserted_into(before, after, connection) == stored
        for table in ("captures", "capture_rollup", "batches"):
            found = [
                has_inserted(table, who, *span, connection)
                for who in (ADA, BEN)
                for span in ((before, middle), (middle, after), (before, after))
            ]
            assert found == [True, False, True, False, True, True]


def test_more_than_insertions_is_not_known(home: object) -> None:
    with writer() as connection:
        before = now(connection)
        put(connection, ADA, every_minute(3))
        assert inserted_into(before, now(connection), connection)
        assert inserted_into(before, now(connection) + 1, connection) is None, "one that isn't there"
        change(connection, ADA, "delete from captures where subject = $s", {"s": ADA})
        assert inserted_into(before, now(connection), connection) is None
        before = now(connection)
        put(connection, ADA, every_minute(3))
        maintenance.merge_files(connection)
        assert inserted_into(before, now(connection), connection) is None
