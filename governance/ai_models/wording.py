"""How captures went into a model version, or may have: in words, link by link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lake.lineage.graph import Relation
from lake.lineage.model_graph import Evidence, ModelGraph, Reached

MADE = {
    Relation.FINE_TUNED: "was fine-tuned from",
    Relation.DISTILLED: "was trained on the output of",
    Relation.DERIVED: "was made from",
}


@dataclass(frozen=True)
class Captures:
    """Which captures the text is about: those of a request, or all of a person's. `models`: how many of them each model
    version was trained on, each counted once, where known.
    """

    counted: str
    named: str
    listed: Mapping[UUID, int]
    models: Mapping[UUID, int]


def of_request(listed: Mapping[UUID, int]) -> Captures:
    return Captures("of these records", "these records", listed, {})


def of_yours(listed: Mapping[UUID, int], models: Mapping[UUID, int]) -> Captures:
    return Captures("records of yours", "records of yours", listed, models)


def learned(graph: ModelGraph, reached: Mapping[UUID, Reached], model: UUID, captures: Captures) -> str:
    """How the captures went into a model version, by the best-proven path; no full stop at the end."""
    name, through = graph.models[model].name, reached[model].through
    if through is None:
        return f"{name} {_trained(graph, model, captures)}"
    parent = graph.models[through.parent].name
    source = [link.parent for link in graph.path(model, reached)][-1]
    if source == through.parent:
        return f"{name} {MADE[through.relation]} {parent}, which {_trained(graph, source, captures)}"
    oldest = graph.models[source].name
    return (
        f"{name} {MADE[through.relation]} {parent}, which was made from {oldest}; {oldest} "
        f"{_trained(graph, source, captures)}"
    )


def read(graph: ModelGraph, model: UUID, dataset: UUID | None, captures: Captures) -> str:
    """The same, for one dataset version that it was trained on; None: for unrecorded training data."""
    name = graph.models[model].name
    if dataset is None:
        return f"{name} may have been trained on {captures.named}: there is no record of what it was trained on"
    events = captures.listed.get(dataset)
    of_dataset = graph.datasets[dataset].full_name
    if events is None and graph.datasets[dataset].manifest_root is not None:
        return f"The training data of {name} lists none {captures.counted}"
    if events is None:
        return f"{name} may have been trained on {captures.named}: there is no record of what was in {of_dataset}"
    parts = [reading.part for reading in graph.readings[model] if reading.dataset == dataset]
    if all(part is not None for part in parts):
        return (
            f"{name} may have been trained on {captures.named}: it read part of {of_dataset}, which has {events:,} "
            f"{captures.counted}, but did not record which part"
        )
    return f"{name} was trained on {events:,} {captures.counted}"


def day(moment: date) -> str:
    return f"{moment:%-d %B %Y}"


def _trained(graph: ModelGraph, model: UUID, captures: Captures) -> str:
    """The strongest statement that its own training data allows, without its name."""
    name = graph.models[model].name
    evidence = graph.trained(model, captures.listed)
    if evidence == Evidence.PROVEN:
        events = captures.models.get(model)
        return f"was trained on {'some' if events is None else f'{events:,}'} {captures.counted}"
    readings = graph.readings.get(model, ())
    surest = next((each for each in readings if graph.evidence_of(each, captures.listed) == evidence), None)
    if evidence == Evidence.NONE:
        return f"was trained on nothing that lists any {captures.counted}"
    return read(graph, model, surest.dataset if surest else None, captures).removeprefix(f"{name} ")
