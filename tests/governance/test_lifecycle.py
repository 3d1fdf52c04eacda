from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from governance.lifecycle import ALLOWED, NotAllowed, State, add_months, due_at, transition

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    [
        ["received", "verifying", "in_progress", "completed"],
        ["received", "verifying", "in_progress", "partially_completed"],
        ["received", "verifying", "in_progress", "failed", "in_progress", "completed"],
        ["received", "verifying", "in_progress", "extended", "in_progress", "completed"],
        ["received", "verifying", "in_progress", "denied"],
        ["received", "withdrawn"],
        ["verifying", "withdrawn"],
    ],
)
def test_the_ways_through_a_life(path: list[str]) -> None:
    for state, to in pairwise(path):
        step = transition(State(state), State(to), NOW, "words")
        assert (step.state, step.at, step.note) == (State(to), NOW, "words")


@pytest.mark.parametrize("state", [State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED, State.WITHDRAWN])
def test_nothing_follows_a_final_state(state: State) -> None:
    assert state.final
    for to in State:
        with pytest.raises(NotAllowed, match=f"{state} can't become {to}"):
            transition(state, to, NOW, "")


@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.FAILED, State.EXTENDED])
def test_a_request_that_was_begun_cannot_be_withdrawn(state: State) -> None:
    with pytest.raises(NotAllowed):
        transition(state, State.WITHDRAWN, NOW, "")


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


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        ("2026-01-31T10:00:00", 1, "2026-02-28T10:00:00"),
        ("2028-01-31T10:00:00", 1, "2028-02-29T10:00:00"),
        ("2026-03-31T00:00:00", 1, "2026-04-30T00:00:00"),
        ("2026-12-15T23:59:59", 1, "2027-01-15T23:59:59"),
        ("2026-11-30T08:00:00", 3, "2027-02-28T08:00:00"),
        ("2026-02-28T08:00:00", 1, "2026-03-28T08:00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(received: str, months: int, due: str) -> None:
    assert add_months(datetime.fromisoformat(received), months) == datetime.fromisoformat(due)


def test_deadlines_follow_the_regime() -> None:
    received = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
    assert due_at("gdpr", received) == datetime(2026, 2, 28, 10, 0, tzinfo=UTC)
    assert due_at("gdpr", received, extended=True) == datetime(2026, 4, 30, 10, 0, tzinfo=UTC)
    assert due_at("ccpa", received) == datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
    assert due_at("ccpa", received, extended=True) == datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="lgpd"):
        due_at("lgpd", received)
