from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.lifecycle import (
    AFTERWARDS,
    ALLOWED,
    OPEN,
    NotAllowed,
    State,
    Type,
    add_months,
    due_at,
    transition,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FINAL = [State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED, State.WITHDRAWN]


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize(
    "path",
    [
        ["received", "verifying", "in_progress", "completed"],
        ["received", "verifying", "in_progress", "partially_completed"],
        ["received", "verifying", "in_progress", "failed", "in_progress", "completed"],
        ["received", "verifying", "in_progress", "extended", "in_progress", "completed"],
        ["received", "verifying", "extended", "verifying", "denied"],
        ["received", "verifying", "in_progress", "denied"],
        ["received", "verifying", "in_progress", "failed", "denied"],
        ["received", "withdrawn"],
        ["received", "denied"],
        ["verifying", "withdrawn"],
    ],
)
def test_the_ways_through_a_life(kind: Type, path: list[str]) -> None:
    for state, to in pairwise(path):
        step = transition(kind, State(state), State(to), NOW, "words")
        assert (step.state, step.at, step.note) == (State(to), NOW, "words")


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize("state", FINAL)
def test_nothing_follows_a_final_state_but_what_the_type_allows(kind: Type, state: State) -> None:
    assert state.final
    allowed = AFTERWARDS.get((kind, state), frozenset())
    for to in set(State) - allowed:
        with pytest.raises(NotAllowed, match=f"{state} can't become {to}"):
            transition(kind, state, to, NOW, "")
    for to in allowed:
        assert transition(kind, state, to, NOW, "").state == to


def test_only_an_erasure_is_taken_up_again_and_only_standing_rules_are_ended() -> None:
    again = {kind for (kind, state), to in AFTERWARDS.items() if State.IN_PROGRESS in to}
    ended = {kind for (kind, state), to in AFTERWARDS.items() if State.WITHDRAWN in to}
    assert again == {Type.ERASURE}
    assert ended == {kind for kind in Type if kind.standing}


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.FAILED])
def test_a_request_that_was_begun_cannot_be_withdrawn(kind: Type, state: State) -> None:
    with pytest.raises(NotAllowed):
        transition(kind, state, State.WITHDRAWN, NOW, "")


def test_every_state_can_be_reached_from_received_and_has_a_way_to_an_end() -> None:
    def reachable(state: State) -> set[State]:
        seen, waiting = {state}, [state]
        while waiting:
            new = ALLOWED[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen

    assert reachable(State.RECEIVED) == set(State) == set(ALLOWED)
    for state in State:
        assert any(end.final for end in reachable(state)), state
    assert {state for state in State if state.final} == set(FINAL) == set(State) - OPEN - {State.EXTENDED}


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        ("2026-01-31T10:00:00", 1, "2026-02-28T10:00:00"),
        ("2028-01-31T10:00:00", 1, "2028-02-29T10:00:00"),
        ("2100-01-31T10:00:00", 1, "2100-02-28T10:00:00"),
        ("2000-01-30T10:00:00", 1, "2000-02-29T10:00:00"),
        ("2026-03-31T00:00:00", 1, "2026-04-30T00:00:00"),
        ("2026-12-15T23:59:59", 1, "2027-01-15T23:59:59"),
        ("2026-12-31T00:00:00", 1, "2027-01-31T00:00:00"),
        ("2026-11-30T08:00:00", 3, "2027-02-28T08:00:00"),
        ("2027-11-30T08:00:00", 3, "2028-02-29T08:00:00"),
        ("2026-02-28T08:00:00", 1, "2026-03-28T08:00:00"),
        ("2028-02-29T08:00:00", 3, "2028-05-29T08:00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(received: str, months: int, due: str) -> None:
    assert add_months(datetime.fromisoformat(received), months) == datetime.fromisoformat(due)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(1, 3))  # noqa: DTZ001
def test_a_deadline_is_in_the_right_month_and_never_on_a_later_day_of_it(received: datetime, months: int) -> None:
    due = add_months(received, months)
    assert (due.year * 12 + due.month) - (received.year * 12 + received.month) == months
    assert due.time() == received.time()
    assert due.day == received.day or (due.day < received.day and (due + timedelta(days=1)).day == 1)


def test_deadlines_follow_the_regime() -> None:
    received = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
    assert due_at("gdpr", received) == datetime(2026, 2, 28, 10, 0, tzinfo=UTC)
    assert due_at("gdpr", received, extended=True) == datetime(2026, 4, 30, 10, 0, tzinfo=UTC)
    assert due_at("ccpa", received) == datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
    assert due_at("ccpa", received, extended=True) == datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    assert due_at("ccpa", datetime(2028, 2, 1, tzinfo=UTC)) == datetime(2028, 3, 17, tzinfo=UTC)
    with pytest.raises(ValueError, match="lgpd"):
        due_at("lgpd", received)
