from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from governance.domain.lifecycle import (
    AFTERWARDS,
    ALLOWED,
    OPEN,
    NotAllowed,
    State,
    Type,
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
def test_allowed_paths_through_the_lifecycle(kind: Type, path: list[str]) -> None:
    for state, to in pairwise(path):
        step = transition(kind, State(state), State(to), NOW, "words")
        assert (step.state, step.at, step.note) == (State(to), NOW, "words")


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize("state", FINAL)
def test_final_states_allow_only_type_specific_transitions(kind: Type, state: State) -> None:
    assert state.final
    allowed = AFTERWARDS.get((kind, state), frozenset())
    for to in set(State) - allowed:
        with pytest.raises(NotAllowed, match=f"{state} can't become {to}"):
            transition(kind, state, to, NOW, "")
    for to in allowed:
        assert transition(kind, state, to, NOW, "").state == to


def test_only_erasures_reopen_and_only_rules_end() -> None:
    again = {kind for (kind, state), to in AFTERWARDS.items() if State.IN_PROGRESS in to}
    ended = {kind for (kind, state), to in AFTERWARDS.items() if State.WITHDRAWN in to}
    assert again == {Type.ERASURE}
    assert ended == {kind for kind in Type if kind.standing}


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.FAILED])
def test_started_request_cannot_be_withdrawn(kind: Type, state: State) -> None:
    with pytest.raises(NotAllowed):
        transition(kind, state, State.WITHDRAWN, NOW, "")


def test_every_state_is_reachable_and_can_end() -> None:
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
