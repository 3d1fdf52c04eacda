"""Pages neither repeat nor skip; only the person's own key decrypts content."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from directory import Employee
from directory.keys import KeyRing, Oneself
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import InvalidCursor, Own, Record, loader, records
from tests.lake.rows import MORNING, Capture, change, every_minute, put
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
        change(
            connection,
            ada.subject,
            "delete from captures where capture_id = $id",
            {"id": first.records[2].capture_id},
        )
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


def plainly(scope: Scope, hidden: list[Scope], stored: list[Capture]) -> list[UUID]:
    """The ids of a scope's records in order, without any of the statements."""
    seen = [
        one
        for one in stored
        if scope.covers(one.signal, one.application, one.captured_at)
        and not any(each.covers(one.signal, one.application, one.captured_at) for each in hidden)
    ]
    return [one.capture_id for one in sorted(seen, key=lambda one: (one.captured_at, one.capture_id))]


def test_pages_of_any_scope_are_those_of_a_full_scan(person: Company, own_of: OwnOf) -> None:
    dice = random.Random(15)

    def some_time() -> datetime:
        return MORNING + timedelta(minutes=dice.choice((1, 7, 15, 60, 24 * 60)) * dice.randrange(300))

    def some_scope() -> Scope:
        return Scope(
            signals=dice.choice((None, None, ("scroll",), ("keystroke", "scroll"), ())),
            applications=dice.choice((None, None, ("Excel",), ("Chrome",))),
            from_at=dice.choice((None, some_time())),
            until_at=dice.choice((None, some_time())),
        )

    for number in range(8):
        somebody = person(f"person{number}@example.com")
        stored = [
            Capture(
                captured_at=some_time(),
                signal=dice.choice(("scroll", "keystroke", "mouse_click")),
                application=dice.choice(("Excel", "Chrome")),
                text=None,
            )
            for _ in range(dice.choice((0, 1, 400)))
        ]
        hidden = [some_scope() for _ in range(number % 3)]
        ends = MORNING + timedelta(days=400)
        hidden = [Scope(one.signals, one.applications, one.from_at, one.until_at or ends) for one in hidden]
        with writer() as connection:
            if stored:
                put(connection, somebody.subject, stored[::2])
                put(connection, somebody.subject, stored[1::2] or stored)
            for one in hidden:
                erasure.write_tombstone(connection, somebody.subject, one, uuid4(), ends)
        own = own_of(somebody)
        for scope in (Scope(), *(some_scope() for _ in range(6))):
            expected = plainly(scope, hidden, stored)
            limit = dice.choice((1, 3, 100, 1000)) if len(expected) < 50 else dice.choice((37, 100, 1000))
            assert [record.capture_id for record in all_records(own, scope, limit)] == expected


def test_a_page_reads_only_the_time_that_holds_it(
    ada: Employee, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3000))
        put(connection, ada.subject, every_minute(9, MORNING + timedelta(days=50), signal="scroll"))
        hidden = Scope(from_at=MORNING + timedelta(minutes=100), until_at=MORNING + timedelta(minutes=2900))
        erasure.write_tombstone(connection, ada.subject, hidden, uuid4(), MORNING + timedelta(days=60))
    spans: list[tuple[datetime, datetime]] = []
    asking = loader.ask

    def noted(cursor: object, subject: object, name: str, **parameters: Any) -> Any:
        if name == "records":
            spans.append((parameters["from_at"], parameters["until_at"]))
        return asking(cursor, subject, name, **parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "ask", noted)
    own = own_of(ada)
    page = own.records(Scope(), limit=90)
    assert len(page.records) == 90
    assert [until <= MORNING + timedelta(minutes=90 + 15) for _, until in spans] == [True]
    spans.clear()
    page = own.records(Scope(signals=("scroll",)), limit=5)
    assert [from_at >= MORNING for from_at, _ in spans[1:]] == [True] * len(spans[1:])
    assert spans[-1][1] <= MORNING + timedelta(days=50, minutes=15)
    spans.clear()
    page = own.records(Scope(from_at=MORNING + timedelta(minutes=50)), limit=100)
    assert page.records[-1].captured_at == MORNING + timedelta(minutes=2949)
    assert len(spans) <= 5, "few rounds, whatever is hidden"
