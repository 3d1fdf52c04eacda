"""When everything that may have had a part in a model version had ended, as the runs say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lake.lineage import dates
from lake.lineage.model_graph import ModelGraph
from tests.governance.lineage import told
from tests.governance.lineage.in_memory import events_of, graph_of

MODEL = told.model("m", "1")


def made_by(*events: dict[str, Any]) -> int | None:
    """The minute by which the first version of the model was made."""
    graph: ModelGraph = graph_of(events_of(events))
    [model] = [each.id for each in graph.models.values() if (each.model, each.version) == ("m", "1")]
    at = graph.made_by.get(model)
    return at.minute if at else None


def part_of(run: str) -> dict[str, Any]:
    return {"parent": {"run": {"runId": str(told.run_key(run))}, "job": {"namespace": "airflow", "name": "train"}}}


def test_a_model_was_made_when_its_last_maker_ended() -> None:
    first = told.event("COMPLETE", "fit", 10, outputs=[MODEL])
    assert made_by(first) == 10
    assert made_by(first, told.event("FAIL", "again", 30, outputs=[MODEL])) == 30


@pytest.mark.parametrize(
    "more",
    [
        [told.event("START", "again", 5, outputs=[MODEL])],
        [told.event("START", "fit", 20)],
        [told.event("RUNNING", "fit", 20)],
        [told.event("START", "part", 3, run_facets=part_of("fit"))],
        [told.event("START", "part", 3, run_facets=part_of("whole")), told.event("COMPLETE", "whole", 9)],
    ],
    ids=["another maker runs", "it was started again", "it went on", "a part of it runs", "only a stranger runs"],
)
def test_what_still_runs_leaves_the_time_unknown(more: list[dict[str, Any]]) -> None:
    strange = any(each["run"]["runId"] == str(told.run_key("whole")) for each in more)
    assert made_by(told.event("COMPLETE", "fit", 10, outputs=[MODEL]), *more) == (10 if strange else None)


def test_runs_around_it_count_and_unreported_ones_are_unknown() -> None:
    made = told.event("COMPLETE", "fit", 10, outputs=[MODEL], run_facets=part_of("whole"))
    assert made_by(made) is None
    whole = told.event("COMPLETE", "whole", 40)
    assert made_by(made, whole) == 40
    assert made_by(made, whole, told.event("START", "beside", 3, run_facets=part_of("whole"))) is None


def test_an_unreadable_output_may_be_the_model() -> None:
    made = told.event("COMPLETE", "fit", 10, outputs=[MODEL])
    nameless = {"namespace": "model", "facets": {"version": {"datasetVersion": "1"}}}
    assert made_by(made, told.event("COMPLETE", "lost", 50, outputs=[nameless])) == 50
    assert made_by(made, told.event("START", "lost", 50, outputs=[nameless])) is None


def test_an_unknown_day_rules_nothing_out() -> None:
    assert dates.made_before(None) == dates.NEVER_ANY, "there is no day, as there never was a record"
    assert dates.made_before(datetime(1, 1, 1, tzinfo=UTC).replace(tzinfo=None)) is None
