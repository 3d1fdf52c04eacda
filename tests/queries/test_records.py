"""Pages neither repeat nor skip; only the person's own key decrypts content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from directory import Employee
from directory.keys import KeyRing, Oneself
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import InvalidCursor, Own, Record
from tests.lake.rows import MORNING, Capture, every_minute, put
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def all_records(own: Own, scope: Scope, limit: int) -> list[Record]:
    found: list[Record] = []
    after = None
    while True:
        page = own.records(scope, after=after, limit=limit)
        assert len(page.records) <= limit
        found += page.records
        after = page.next
        if after is None:
            return found


def test_pages_neither_repeat_nor_skip_captures_of_the_same_moment(ada: Employee, own_of: OwnOf) -> None:
    at_once = [Capture(captured_at=MORNING) for _ in range(23)]
    with writer() as connection:
        put(connection, ada.subject, at_once + every_minute(10))
        for day in (-2, 1, 30):
            put(connection, ada.subject, every_minute(4, MORNING + timedelta(days=day)))
        erasure.write_tombstone(connection, ada.subject, Scope(until_at=MORNING - timedelta(days=1)), uuid4(), MORNING)
    everything = own_of(ada).records(Scope(), limit=1000)
    assert len(everything.records) == 41
    assert everything.next is None
    for limit in (1, 7, 40, 41):
        assert all_records(own_of(ada), Scope(), limit) == everything.records
    order = [(record.captured_at, record.capture_id) for record in everything.records]
    assert order == sorted(order)


def test_paging_continues_while_captures_change(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(6))
        own = own_of(ada)
        first = own.records(Scope(), limit=3)
        connection.execute("delete from captures where capture_id = $id", {"id": first.records[2].capture_id})
        put(connection, ada.subject, [Capture(captured_at=MORNING - timedelta(minutes=1))])
        put(connection, ada.subject, [Capture(captured_at=MORNING + timedelta(hours=1))])
        rest = own.records(Scope(), after=first.next, limit=10)
    times = [int((record.captured_at - MORNING).total_seconds() / 60) for record in rest.records]
    assert times == [3, 4, 5, 60]


def test_a_scope_limits_the_stream(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(10))
        put(connection, ada.subject, every_minute(10, signal="scroll", application="Chrome", text=None))
    own = own_of(ada)
    assert {record.signal for record in own.records(Scope(signals=("scroll",))).records} == {"scroll"}
    assert {record.application for record in own.records(Scope(applications=("Excel",))).records} == {"Excel"}
    assert own.records(Scope(signals=("scroll",), applications=("Excel",))).records == []
    assert own.records(Scope(signals=())).records == []
    span = Scope(from_at=MORNING + timedelta(minutes=2), until_at=MORNING + timedelta(minutes=4))
    assert {record.captured_at for record in own.records(span).records} == {
        MORNING + timedelta(minutes=2), MORNING + timedelta(minutes=3),
    }  # fmt: skip
    cursor = own.records(Scope(), limit=1).next
    assert len(own.records(span, after=cursor).records) == 4


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "A" * 31, "A" * 33, "A" * 36, "f" + "_" * 31])
def test_invalid_cursors_are_refused(ada: Employee, own_of: OwnOf, cursor: str) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(1))
    with pytest.raises(InvalidCursor):
        own_of(ada).records(Scope(), after=cursor)


@pytest.mark.parametrize("limit", [-1, 0, 1001])
def test_a_page_has_1_to_1000_captures(ada: Employee, own_of: OwnOf, limit: int) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(1))
    with pytest.raises(ValueError, match="1 to 1000"):
        own_of(ada).records(Scope(), limit=limit)


def test_a_record_has_all_fields_of_its_capture(ada: Employee, own_of: OwnOf) -> None:
    capture = Capture(text="Grüße", redactions=(("iban", 2), ("email_address", 1)))
    with writer() as connection:
        batch = put(connection, ada.subject, [capture])
    assert own_of(ada).records(Scope()).records == [
        Record(
            capture_id=capture.capture_id,
            captured_at=MORNING,
            signal="keystroke",
            application="Excel",
            x=10,
            y=20,
            session=batch.batch,
            source="test",
            policy="assistant",
            retained_until=capture.retained_until,
            redactions={"iban": 2, "email_address": 1},
            content={"text": "Grüße"},
            unreadable=False,
        )
    ]


def test_a_capture_without_text_is_not_unreadable(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, [Capture(signal="mouse_move", text=None)])
    record = own_of(ada).records(Scope()).records[0]
    assert (record.content, record.unreadable, record.redactions) == (None, False, {})


def test_without_the_key_content_is_unreadable_and_records_remain(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, [Capture(), Capture(text=None)])
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    assert sorted(record.unreadable for record in own_of(ada).records(Scope()).records) == [False, True]
    ring.create_content_key(ada.subject, Oneself(ada.subject))
    ring.close()
    assert sorted(record.unreadable for record in own_of(ada).records(Scope()).records) == [False, True]


def test_mouse_paths_are_points_in_order_of_time(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(5, signal="mouse_move", text=None) + every_minute(3))
        put(connection, ada.subject, every_minute(2, signal="mouse_click", application="Chrome"))
    path = own_of(ada).mouse_path(Scope())
    assert list(path.columns) == ["captured_at", "x", "y", "signal", "session", "application"]
    assert path["captured_at"].is_monotonic_increasing
    assert path["signal"].value_counts().to_dict() == {"mouse_move": 5, "mouse_click": 2}
    assert len(own_of(ada).mouse_path(Scope(), limit=3)) == 3
    assert len(own_of(ada).mouse_path(Scope(applications=("Chrome",)))) == 2
