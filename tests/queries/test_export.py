"""The stream for an export: everything once, in order, from one snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import queries.export
from directory import Employee
from directory.keys import KeyRing
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import Own
from queries.export import SCHEMA, captures_batches
from tests.lake.rows import MORNING, Capture, change, every_minute, put
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


@pytest.mark.parametrize("batch_rows", [1, 7, 20_000])
def test_batches_contain_the_same_captures_as_pages(
    ada: Employee, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    monkeypatch.setattr(queries.export, "BATCH_ROWS", batch_rows)
    with writer() as connection:
        for day in (0, 1, 40):
            put(connection, ada.subject, every_minute(15, MORNING + timedelta(days=day)))
        put(connection, ada.subject, every_minute(10, signal="scroll", text=None))
        put(connection, ada.subject, [Capture(redactions=(("iban", 2),))])
    own = own_of(ada)
    for scope in (
        Scope(),
        Scope(signals=("scroll",)),
        Scope(from_at=MORNING + timedelta(minutes=3), until_at=MORNING + timedelta(days=1, minutes=3)),
        Scope(applications=("none",)),
    ):
        rows = []
        for batch in captures_batches(own, scope):
            assert batch.schema == SCHEMA
            rows += batch.to_pylist()
        assert [
            (row["capture_id"], row["captured_at"], dict(row["redactions"] or ()), dict(row["content"] or ()))
            for row in rows
        ] == [
            (str(record.capture_id), record.captured_at, record.redactions, record.content or {})
            for record in own.records(scope, limit=1000).records
        ]


def test_a_stream_reads_one_snapshot(ada: Employee, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.export, "BATCH_ROWS", 5)
    with writer() as connection:
        for day in range(3):
            put(connection, ada.subject, every_minute(5, MORNING + timedelta(days=day)))
        stream = captures_batches(own_of(ada), Scope())
        rows = next(stream).num_rows
        change(connection, ada.subject, "delete from captures", {})
        put(connection, ada.subject, every_minute(5, MORNING + timedelta(days=9)))
        assert rows + sum(batch.num_rows for batch in stream) == 15


def test_content_without_its_key_is_marked_unreadable(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, [Capture(), Capture(text=None)])
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    (batch,) = captures_batches(own_of(ada), Scope())
    assert sorted(batch.column("unreadable").to_pylist()) == [False, True]
    assert batch.column("content").to_pylist() == [None, None]
