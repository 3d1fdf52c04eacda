"""What an erasure covers, withholds, records and prevents."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

from directory.keys import KeyRing, Oneself
from lake.rules import erasure
from lake.rules.erasure import HeldBack, Part, match, remove, verify_absent, write_tombstone
from lake.rules.scope import CLOCK_TOLERANCE, Scope
from lake.statements import statement as statement_of
from law.exceptions import LegalException
from tests.lake.rows import (
    MORNING,
    Capture,
    change,
    count,
    every_minute,
    one_value,
    place_hold,
    put,
    rollup_differences,
)

RECEIVED = MORNING + timedelta(days=10)
EVERYTHING = Scope()
EXCEL = Scope(applications=("Excel",))
BOTH = Scope(applications=("Chrome", "Excel"))
"""All applications, by name: captures after the request are not covered."""


@pytest.fixture
def subject(lake: DuckDBPyConnection) -> UUID:
    """A person with 30 keystrokes in Excel on each of two days and 20 clicks in Chrome on the first; another
    person has captures too."""
    someone = uuid4()
    put(lake, someone, every_minute(30))
    put(lake, someone, every_minute(30, MORNING + timedelta(days=1)))
    put(lake, someone, every_minute(20, application="Chrome", signal="mouse_click"))
    put(lake, uuid4(), every_minute(7))
    return someone


def test_match_counts_by_application_and_signal_and_changes_nothing(lake: DuckDBPyConnection, subject: UUID) -> None:
    matched = match(lake, subject, EVERYTHING, RECEIVED)
    first, second = MORNING.date(), MORNING.date() + timedelta(days=1)
    assert matched.by == (
        Part("Chrome", "mouse_click", first, first, 20),
        Part("Excel", "keystroke", first, second, 60),
    )
    assert (matched.events, matched.withheld, matched.held) == (80, 0, ())
    assert count(lake, subject) == 80


@pytest.mark.parametrize(
    ("scope", "events"),
    [
        (Scope(signals=("mouse_click",)), 20),
        (Scope(signals=()), 0),
        (Scope(applications=("Excel", "Slack")), 60),
        (Scope(signals=("mouse_click",), applications=("Excel",)), 0),
        (Scope(from_at=MORNING + timedelta(minutes=5)), 70),
        (Scope(until_at=MORNING + timedelta(minutes=5)), 10),
        (Scope(from_at=MORNING + timedelta(minutes=5), until_at=MORNING + timedelta(minutes=7)), 4),
        (Scope(from_at=MORNING + timedelta(days=1)), 30),
        (Scope(from_at=RECEIVED, until_at=MORNING), 0),
    ],
)
def test_match_and_remove_agree_on_every_scope(
    lake: DuckDBPyConnection, subject: UUID, scope: Scope, events: int
) -> None:
    assert match(lake, subject, scope, RECEIVED).events == events
    assert verify_absent(lake, subject, scope, RECEIVED) >= events
    assert remove(lake, subject, scope, uuid4(), RECEIVED).erased == events
    assert verify_absent(lake, subject, scope, RECEIVED) == 0
    assert count(lake, subject) == 80 - events
    assert rollup_differences(lake) == []


def test_whole_slices_are_matched_from_the_rollup(lake: DuckDBPyConnection, subject: UUID) -> None:
    change(
        lake, subject, "delete from captures where subject = $subject and application = 'Excel'", {"subject": subject}
    )
    assert match(lake, subject, EXCEL, RECEIVED).events == 60
    assert match(lake, subject, EXCEL, MORNING + timedelta(days=1, minutes=5)).events == 30


def test_captures_in_the_rollup_count_as_present(lake: DuckDBPyConnection, subject: UUID) -> None:
    change(
        lake, subject, "delete from captures where subject = $subject and application = 'Excel'", {"subject": subject}
    )
    assert verify_absent(lake, subject, EXCEL, RECEIVED) > 0


def test_captures_from_after_the_request_are_not_part_of_it(lake: DuckDBPyConnection, subject: UUID) -> None:
    received = MORNING + timedelta(days=1, minutes=10) - CLOCK_TOLERANCE
    assert match(lake, subject, EXCEL, received).events == 40
    assert remove(lake, subject, BOTH, uuid4(), received).erased == 60
    assert count(lake, subject) == 20


def test_everything_has_no_end_in_time(lake: DuckDBPyConnection, subject: UUID) -> None:
    assert remove(lake, subject, EVERYTHING, uuid4(), MORNING).erased == 80
    assert count(lake, subject) == 0


def test_erasing_everything_includes_captures_from_a_fast_clock(lake: DuckDBPyConnection) -> None:
    person, request, received = uuid4(), uuid4(), MORNING
    put(lake, person, [Capture(), Capture(captured_at=received + timedelta(minutes=4))])
    assert match(lake, person, EVERYTHING, received).events == 2
    assert verify_absent(lake, person, EVERYTHING, received) > 0
    write_tombstone(lake, person, EVERYTHING, request, received)
    ahead = Capture(captured_at=received + timedelta(minutes=4, seconds=59))
    assert put(lake, person, [ahead]).erased_before == 1
    assert remove(lake, person, EVERYTHING, request, received).erased == 2
    assert verify_absent(lake, person, EVERYTHING, received) == 0
    assert count(lake, person) == 0


def test_removing_again_returns_the_same_and_removes_nothing(lake: DuckDBPyConnection, subject: UUID) -> None:
    request = uuid4()
    first = remove(lake, subject, EXCEL, request, RECEIVED)
    assert remove(lake, subject, EXCEL, request, RECEIVED) == first
    assert one_value(lake, "select sum(events) from removals") == 60


def test_removals_record_the_cause_and_counts_only(lake: DuckDBPyConnection, subject: UUID) -> None:
    request = uuid4()
    remove(lake, subject, EXCEL, request, RECEIVED)
    rows = lake.execute(
        "select subject, cause, request, policy, signal, application, first_day, last_day, events from removals"
    ).fetchall()
    days = MORNING.date(), MORNING.date() + timedelta(days=1)
    assert rows == [(subject, "erasure", request, "assistant", "keystroke", "Excel", *days, 60)]


def test_another_persons_captures_stay(lake: DuckDBPyConnection, subject: UUID) -> None:
    remove(lake, subject, EVERYTHING, uuid4(), RECEIVED)
    assert one_value(lake, "select count(*) from captures") == 7
    assert one_value(lake, "select sum(events) from capture_rollup") == 7


@pytest.mark.parametrize(
    ("hold", "withheld"),
    [
        ({}, 60),
        ({"signals": ["keystroke"]}, 60),
        ({"signals": ["mouse_click"]}, 0),
        ({"applications": ["Excel", "Chrome"]}, 60),
        ({"from_at": MORNING + timedelta(minutes=3), "until_at": MORNING + timedelta(minutes=9)}, 6),
        ({"from_at": MORNING + timedelta(days=1)}, 30),
        ({"until_at": MORNING + timedelta(minutes=1)}, 1),
        ({"lifted_at": MORNING}, 0),
    ],
)
def test_exactly_the_held_captures_are_withheld(
    lake: DuckDBPyConnection, subject: UUID, hold: dict[str, object], withheld: int
) -> None:
    placed = place_hold(lake, subject, **hold)
    matched = match(lake, subject, EXCEL, RECEIVED)
    assert (matched.events, matched.withheld) == (60 - withheld, withheld)
    law = LegalException.GDPR_17_3_E
    expected = HeldBack(placed, "DISPUTE-7", law.words, "GDPR 17(3)(e)", date(2026, 9, 1), withheld)
    assert matched.held == ((expected,) if withheld else ())
    removed = remove(lake, subject, EXCEL, uuid4(), RECEIVED)
    assert (removed.erased, removed.withheld) == (60 - withheld, withheld)
    assert count(lake, subject) == 20 + withheld
    assert verify_absent(lake, subject, EXCEL, RECEIVED) == 0
    assert rollup_differences(lake) == []


def test_a_capture_under_two_holds_is_withheld_once(lake: DuckDBPyConnection, subject: UUID) -> None:
    place_hold(lake, subject, signals=["keystroke"])
    place_hold(lake, subject, until_at=MORNING + timedelta(minutes=5))
    matched = match(lake, subject, EXCEL, RECEIVED)
    assert sorted(held.events for held in matched.held) == [5, 60]
    assert matched.withheld == 60


def test_a_hold_on_somebody_else_withholds_nothing(lake: DuckDBPyConnection, subject: UUID) -> None:
    place_hold(lake, uuid4())
    assert remove(lake, subject, EXCEL, uuid4(), RECEIVED).erased == 60


def test_after_lifting_a_hold_the_request_erases_the_rest(lake: DuckDBPyConnection, subject: UUID) -> None:
    request = uuid4()
    place_hold(lake, subject, until_at=MORNING + timedelta(minutes=5))
    first = remove(lake, subject, EXCEL, request, RECEIVED)
    assert (first.erased, first.withheld) == (55, 5)
    lake.execute("update holds set lifted_at = $now", {"now": RECEIVED})
    second = remove(lake, subject, EXCEL, request, RECEIVED)
    assert (second.erased, second.withheld) == (60, 0)


def test_a_tombstone_is_written_once_per_request(lake: DuckDBPyConnection, subject: UUID) -> None:
    request = uuid4()
    for _ in range(2):
        write_tombstone(lake, subject, EXCEL, request, RECEIVED)
    write_tombstone(lake, subject, Scope(until_at=RECEIVED + timedelta(days=1)), uuid4(), RECEIVED)
    rows = lake.execute("select applications, until_at from tombstones order by applications").fetchall()
    assert rows == [(["Excel"], RECEIVED + CLOCK_TOLERANCE), (None, RECEIVED + CLOCK_TOLERANCE)]


def test_erased_captures_cannot_be_ingested_again(lake: DuckDBPyConnection, subject: UUID) -> None:
    write_tombstone(lake, subject, EXCEL, uuid4(), RECEIVED)
    remove(lake, subject, EXCEL, uuid4(), RECEIVED)
    later = Capture(captured_at=RECEIVED + CLOCK_TOLERANCE)
    again = put(lake, subject, [*every_minute(5), later, *every_minute(3, application="Chrome", signal="scroll")])
    assert (again.stored, again.erased_before) == (4, 5)
    assert one_value(lake, "select max(captured_at) from captures where application = 'Excel'") == later.captured_at


def test_erasing_everything_removes_content_key_and_batches(lake: DuckDBPyConnection, subject: UUID) -> None:
    assert remove(lake, subject, EVERYTHING, uuid4(), RECEIVED).key_destroyed
    keys = KeyRing()
    assert keys.content_key(subject, Oneself(subject)) is None
    assert one_value(lake, "select count(*) from batches where subject = $subject", subject=subject) == 0
    assert one_value(lake, "select count(*) from batches") == 1


@pytest.mark.parametrize("what_stays", ["held", "captured later", "outside the scope"])
def test_the_content_key_stays_while_captures_remain(lake: DuckDBPyConnection, subject: UUID, what_stays: str) -> None:
    scope, received = EVERYTHING, RECEIVED
    if what_stays == "held":
        place_hold(lake, subject, until_at=MORNING + timedelta(minutes=1))
    elif what_stays == "captured later":
        scope, received = BOTH, MORNING + timedelta(days=1)
    else:
        scope = EXCEL
    assert not remove(lake, subject, scope, uuid4(), received).key_destroyed
    keys = KeyRing()
    assert keys.content_key(subject, Oneself(subject))
    assert one_value(lake, "select count(*) from batches where subject = $subject", subject=subject) == 3


def test_a_crash_before_destroying_the_key_is_repaired(
    lake: DuckDBPyConnection, subject: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = uuid4()

    def crash() -> KeyRing:
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        power_cut.setattr(erasure, "KeyRing", crash)
        with pytest.raises(KeyboardInterrupt):
            remove(lake, subject, EVERYTHING, request, RECEIVED)
    assert remove(lake, subject, EVERYTHING, request, RECEIVED).erased == 80
    keys = KeyRing()
    assert keys.content_key(subject, Oneself(subject)) is None


@pytest.mark.parametrize("statement", ["delete_leaving", "delete_slices", "rebuild_slices", "record_removals"])
def test_a_crash_between_the_steps_of_a_removal_changes_nothing(
    lake: DuckDBPyConnection, subject: UUID, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = statement_of

    def interrupted(name: str) -> str:
        if name == statement:
            raise KeyboardInterrupt
        return real(name)

    request = uuid4()
    with monkeypatch.context() as power_cut:
        for module in ("rules.removal", "storage.maintenance"):
            power_cut.setattr(f"lake.{module}.statement", interrupted)
        with pytest.raises(KeyboardInterrupt):
            remove(lake, subject, EXCEL, request, RECEIVED)
    assert count(lake, subject) == 80
    assert rollup_differences(lake) == []
    assert remove(lake, subject, EXCEL, request, RECEIVED).erased == 60


def test_times_are_compared_to_the_microsecond(lake: DuckDBPyConnection, subject: UUID) -> None:
    tick = timedelta(microseconds=1)
    assert match(lake, subject, Scope(from_at=MORNING, until_at=MORNING + tick), RECEIVED).events == 2
    assert match(lake, subject, Scope(from_at=MORNING + tick, until_at=MORNING + 2 * tick), RECEIVED).events == 0
    assert match(lake, subject, Scope(until_at=MORNING), RECEIVED).events == 0


def test_a_person_without_captures(lake: DuckDBPyConnection) -> None:
    nobody, at = uuid4(), datetime(2026, 3, 1)  # noqa: DTZ001
    assert match(lake, nobody, EVERYTHING, at).events == 0
    removed = remove(lake, nobody, EVERYTHING, uuid4(), at)
    assert (removed.by, removed.key_destroyed) == ((), False)
    assert verify_absent(lake, nobody, EVERYTHING, at) == 0


def test_damage_found_twice_is_counted_once(lake: DuckDBPyConnection) -> None:
    person = uuid4()
    put(lake, person, [Capture(), Capture(captured_at=MORNING + timedelta(minutes=1))])
    assert verify_absent(lake, person, EVERYTHING, MORNING + timedelta(days=1)) == 2
    change(lake, person, "delete from captures where subject = $subject", {"subject": person})
    assert verify_absent(lake, person, EVERYTHING, MORNING + timedelta(days=1)) == 2
