"""How captures went into a model version, or may have: in words, link by link."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lake.lineage.graph import Relation
from lake.lineage.model_graph import STRENGTH, Evidence, ModelGraph, Reached, Until
from lake.lineage.model_readings import Reading

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
    first: str
    """The first of them, as a noun."""
    listed: Mapping[UUID, int]
    models: Mapping[UUID, int]
    until: Until
    """By dataset version: when the last of them was withdrawn, if all were."""
    at_least: Container[UUID] = ()
    """The model versions of which `models` may be too low."""


def of_request(listed: Mapping[UUID, int], until: Until) -> Captures:
    return Captures("of these records", "these records", "the first of these records", listed, {}, until)


def of_yours(
    listed: Mapping[UUID, int], models: Mapping[UUID, int], until: Until, at_least: Container[UUID] = ()
) -> Captures:
    words = "records of yours"
    return Captures(words, words, "the first of your records", listed, models, until, at_least)


def dataset_evidence(graph: ModelGraph, model: UUID, dataset: UUID, captures: Captures) -> Evidence:
    """How certain it is that captures went into a model version by what its runs read of one dataset version."""
    return min(
        (
            graph.evidence_of(reading, captures.listed, captures.until)
            for reading in graph.readings[model]
            if reading.dataset == dataset
        ),
        key=STRENGTH.__getitem__,
    )


def around_only(graph: ModelGraph, model: UUID, captures: Captures) -> bool:
    """Whether nothing that its own runs read has any, but what the runs around them read may have some."""
    readings = graph.readings.get(model, ())
    own = {graph.evidence_of(each, captures.listed, captures.until) for each in readings}
    return own == {Evidence.NONE} and graph.trained(model, captures.listed, captures.until) == Evidence.UNKNOWN


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
    evidence = dataset_evidence(graph, model, dataset, captures)
    if evidence == Evidence.NONE:
        return f"Of what the runs of {name} reported, {of_dataset} lists none {captures.counted}"
    if evidence == Evidence.PROVEN:
        return f"{name} was trained on {events:,} {captures.counted}"
    may = f"{name} may have been trained on {captures.named}"
    readings = [reading for reading in graph.readings[model] if reading.dataset == dataset]
    if any(reading.too_early for reading in readings):
        return f"{may}: {_unproven_list(graph, readings, of_dataset, events, captures)}"
    if events is None and any(reading.doubted for reading in readings):
        return f"{may}: only another service says that {of_dataset} is what a part of its run read"
    if events is None:
        return f"{may}: there is no record of what was in {of_dataset}"
    has = f"{of_dataset}, which has {events:,} {captures.counted}"
    if all(reading.part is not None for reading in readings):
        return f"{may}: it read part of {has}, but did not record which part"
    if any(reading.certain and reading.part is None for reading in readings):
        return (
            f"{may}: its run read {has}, after they were withdrawn or their time was up; our copy of it leaves them "
            "out since then"
        )
    return f"{may}: a run that may have made it, or a part of such a run, read {has}"


def _unproven_list(
    graph: ModelGraph, readings: Iterable[Reading], of_dataset: str, events: int | None, captures: Captures
) -> str:
    """Why a list that the ledger had only after the run began shows nothing about the run, neither way."""
    has = f", which has {events:,} {captures.counted}," if events else ""
    late = [reading for reading in readings if reading.too_early]
    made_later = all(
        reading.dataset and graph.datasets[reading.dataset].created_at > graph.began_by(reading.run) for reading in late
    )
    clock = " (by Open Book's clock, it was also made after the start that the run reported)" if made_later else ""
    return (
        f"the list of {of_dataset}{has} was in the ledger only after its run began{clock}, so nothing shows that the "
        "run read this list"
    )


def never_any(name: str, about: str) -> str:
    """Why nothing can be in a model version of somebody of whom nothing was ever captured; a sentence."""
    return (
        f"So far, nothing {about} was captured in this register, so nothing of it can have been used for {name}. What "
        "was never entered here is not covered."
    )


def made_before(graph: ModelGraph, model: UUID, too_old: Container[UUID], captures: Captures) -> str:
    """Why dates rule the captures out of a model version, or of what it was made from; no full stop at the end."""
    name = graph.models[model].name
    clocks = "This rests on two clocks: that of the training runs and that of the recording program"
    if model in too_old:
        return (
            f"{name} was finished, as its runs reported, on {day(graph.made_by[model])}, before {captures.first} in "
            f"this register. {clocks}"
        )
    return (
        f"Of what the runs of {name} reported, nothing lists any {captures.counted}, and what it was made from was "
        f"finished, as its runs reported, before {captures.first} in this register. {clocks}"
    )


def day(moment: date) -> str:
    return f"{moment:%-d %B %Y}"


def _trained(graph: ModelGraph, model: UUID, captures: Captures) -> str:
    """The strongest statement that its own training data allows, without its name."""
    name = graph.models[model].name
    evidence = graph.trained(model, captures.listed, captures.until)
    if evidence == Evidence.PROVEN:
        events = captures.models.get(model)
        least = "at least " if model in captures.at_least else ""
        return f"was trained on {'some' if events is None else f'{least}{events:,}'} {captures.counted}"
    readings = graph.readings.get(model, ())
    surest = next(
        (each for each in readings if graph.evidence_of(each, captures.listed, captures.until) == evidence), None
    )
    if evidence == Evidence.NONE:
        return f"was trained on nothing that lists any {captures.counted}, of what its runs reported"
    if around_only(graph, model, captures):
        return (
            f"may have been trained on {captures.named}: runs that belong together with its own read something else, "
            "and there is no record of what they handed on"
        )
    return read(graph, model, surest.dataset if surest else None, captures).removeprefix(f"{name} ")
