"""The state of each model version: nothing is claimed that manifests, plans and runs don't show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

import clock
from governance.ai_models.plans import Planned
from governance.ai_models.states import of_person, outcome, states
from governance.domain.plans import Plan
from lake.lineage.model_graph import ModelGraph
from queries.lineage import Withdrawn
from tests.support.models import (
    DISTILLED,
    FINE_TUNED,
    MINE,
    NOON,
    OTHERS,
    TRAINING,
    UNLISTED,
    graph,
    key,
    lineage,
    read,
)

TODAY = date(2026, 6, 1)
LATER = TODAY + timedelta(days=10)
NOTHING_WITHDRAWN = Withdrawn(0, {}, {}, {})


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, 9, tzinfo=UTC))


def planned(plan: Plan, by: date | None = LATER) -> dict[UUID, Planned]:
    return {key(1): Planned(plan, by, by, NOON, 7)}


def after_all(of: ModelGraph, plans: Mapping[UUID, Planned] | None = None) -> dict[int, tuple[str, str]]:
    """State and words of each model version by its number, with all 12 captures in MINE withdrawn."""
    models = {model: 12 for model, readings in of.readings.items() if any(each.dataset == MINE for each in readings)}
    withdrawn = Withdrawn(1, {MINE: 12}, models, {MINE: NOON})
    found = of_person(lineage(of), withdrawn, plans or {})
    return {model.int: (stands.state.value, stands.words) for model, stands in found.items()}


def test_without_a_plan_the_model_is_retained() -> None:
    state, words = after_all(graph({1: [read(MINE)]}))[1]
    assert state == "retained_in_weights"
    assert words.startswith("Sable 1 was trained on 12 records of yours that you had deleted or kept out of training.")
    assert "No plan is known" in words


@pytest.mark.parametrize(
    ("plan", "state"),
    [
        (Plan.RETRAIN, "retrain_scheduled"),
        (Plan.EXCLUDE, "excluded_from_next_run"),
        (Plan.RETIRE, "retained_in_weights"),
    ],
)
def test_plan_is_only_a_promise_with_a_date(plan: Plan, state: str) -> None:
    of = graph({1: [read(MINE)]})
    withdrawn = Withdrawn(1, {MINE: 12}, {}, {MINE: NOON})
    stands = of_person(lineage(of), withdrawn, planned(plan))[key(1)]
    assert (stands.state, stands.by, stands.overdue) == (state, LATER, False)
    assert "Your employer promised" in stands.words
    late = of_person(lineage(of), withdrawn, planned(plan, TODAY - timedelta(days=1)))[key(1)]
    assert (late.state, late.overdue) == (state, True)
    assert "no evidence that the promise was kept" in late.words


def test_planning_nothing_is_stated() -> None:
    state, words = after_all(graph({1: [read(MINE)]}), planned(Plan.NONE, None))[1]
    assert state == "retained_in_weights"
    assert "decided to plan nothing" in words


def test_later_version_without_captures_proves_retraining() -> None:
    found = after_all(graph({1: [read(MINE)], 2: [read(OTHERS)]}, places={1: ["Claims"]}), planned(Plan.RETRAIN))
    state, words = found[1]
    assert state == "retrained_without"
    assert words.startswith("Sable 2 was retrained without them")
    assert "What Sable 1 learned is still in it, and it is in use at Claims" in words
    assert found[2][0] == "excluded_before_training"


@pytest.mark.parametrize(
    "of",
    [
        graph({1: [read(MINE)], 2: [read(OTHERS), read(UNLISTED)]}),
        graph({1: [read(MINE)], 2: [read(None)]}),
        graph({1: [read(MINE)], 2: []}),
        graph({1: [read(MINE)], 2: [read(OTHERS)]}, {2: [(1, FINE_TUNED)]}),
        graph({1: [read(MINE)], 2: [read(OTHERS)]}, {2: [(1, DISTILLED)]}),
        graph({1: [read(MINE)], 2: [read(OTHERS)]}, names={2: "Quill"}),
        graph({0: [read(OTHERS)], 1: [read(MINE)]}),
    ],
    ids=[
        "a part not listed",
        "not recorded",
        "no run",
        "fine-tuned from it",
        "taught by it",
        "another model",
        "earlier",
    ],
)
def test_unproven_absence_is_not_retraining(of: ModelGraph) -> None:
    assert after_all(of)[1][0] == "retained_in_weights"


def test_descendant_of_a_retired_model_has_its_own_state() -> None:
    found = after_all(graph({1: [read(MINE)], 2: [read(OTHERS)]}, {2: [(1, FINE_TUNED)]}, retired=[1]))
    assert found[1][0] == "model_retired"
    assert "Models made from it have their own entries." in found[1][1]
    assert found[2][0] == "retained_in_weights"
    assert "Sable 2 was fine-tuned from Sable 1; Sable 1 was trained on 12 records of yours" in found[2][1]


def test_plan_does_not_cover_descendants() -> None:
    found = after_all(graph({1: [read(MINE)], 2: [read(OTHERS)]}, {2: [(1, FINE_TUNED)]}), planned(Plan.RETRAIN))
    assert (found[1][0], found[2][0]) == ("retrain_scheduled", "retained_in_weights")


def test_possible_inclusion_is_reported_as_possible() -> None:
    words = after_all(graph({1: [read(UNLISTED)], 2: [read(None)]}))
    assert "there is no record of what was in actions 103. If it was: What it learned" in words[1][1]
    assert "there is no record of what it was trained on. If it was: What it learned" in words[2][1]


def test_exclusion_before_training_differs_from_never_included() -> None:
    of = graph({1: [read(OTHERS)]})
    taken_out = of_person(lineage(of), Withdrawn(1, {MINE: 12}, {}, {MINE: NOON}), {})[key(1)]
    assert taken_out.state == "excluded_before_training"
    assert "actions 101 has records of yours that you withdrew before actions 102 was created" in taken_out.words
    too_late = Withdrawn(1, {MINE: 12}, {}, {MINE: NOON + timedelta(days=1)})
    assert of_person(lineage(of), too_late, {})[key(1)].state == "never_included"


def test_no_withdrawals_are_reported_as_such() -> None:
    stands = of_person(lineage(graph({1: [read(MINE)]})), NOTHING_WITHDRAWN, planned(Plan.RETRAIN))[key(1)]
    assert (stands.state, stands.by) == ("retained_in_weights", None)
    assert "You have not had any of it deleted or kept out of training." in stands.words


def test_withdrawn_captures_may_not_be_the_learned_ones() -> None:
    of = graph({1: [read(OTHERS)], 2: [read(None)]}, {2: [(1, FINE_TUNED)]})
    own = lineage(of)
    own = type(own)(of, {OTHERS: own.datasets[MINE]}, {}, of.reach({OTHERS}))
    words = of_person(own, Withdrawn(1, {MINE: 3}, {}, {MINE: NOON}), {})[key(2)].words
    assert "it is not known whether any that you had deleted or kept out of training went into it" in words


def test_outcome_lists_each_dataset_and_descendant() -> None:
    of = graph(
        {1: [read(MINE), read(OTHERS)], 2: [read(OTHERS)], 3: [read(OTHERS)], 4: [read(UNLISTED)]},
        {2: [(1, FINE_TUNED)]},
        names={2: "Quill", 3: "Lumen", 4: "Amber"},
    )
    found = states(of, {MINE: 12}, planned(Plan.RETRAIN))
    told = {
        (each["model"], each["dataset_version"]): (each["state"], each["events"], each["inherited"]) for each in found
    }
    assert told == {
        ("Sable", "101"): ("retrain_scheduled", 12, False),
        ("Quill", None): ("retained_in_weights", 0, True),
        ("Lumen", "102"): ("never_included", 0, False),
        ("Amber", "103"): ("retained_in_weights", 0, False),
    }
    assert {each["by"] for each in found} == {None, LATER.isoformat()}
    assert set(outcome(of, {MINE: 12}, {})["models"][0]) == {
        "model",
        "version",
        "dataset",
        "dataset_version",
        "state",
        "by",
        "words",
        "said",
    }


def test_unused_dataset_must_not_be_used() -> None:
    (untrained, *_) = states(graph({1: [read(OTHERS)]}), {MINE: 12}, {})
    assert (untrained["model"], untrained["state"], untrained["events"]) == (None, "excluded_before_training", 12)


def test_partial_read_proves_nothing() -> None:
    (entry,) = states(graph({1: [read(MINE, "day ≥ …", run=TRAINING)]}), {MINE: 12}, {})
    assert "it read part of actions 101, which has 12 of these records, but did not record which part" in entry["words"]
