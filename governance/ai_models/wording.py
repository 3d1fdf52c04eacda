"""How captures went into a model version, or may have: in words, link by link."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from lake.lineage.graph import Relation
from lake.lineage.model_graph import STRENGTH, Evidence, Model, ModelGraph, Reached, Until
from lake.lineage.model_readings import Reading
from lake.lineage.read_datasets import NAMED, shortened
from languages import mark
from languages.saying import Said, say, say_n, sentences

DIRECTLY = {
    Relation.FINE_TUNED: mark("{model} was fine-tuned from {parent}; {how}"),
    Relation.DISTILLED: mark("{model} was trained on the output of {parent}; {how}"),
    Relation.DERIVED: mark("{model} was made from {parent}; {how}"),
}
FURTHER = {
    Relation.FINE_TUNED: mark("{model} was fine-tuned from {parent}, which was made from {oldest}; {how}"),
    Relation.DISTILLED: mark("{model} was trained on the output of {parent}, which was made from {oldest}; {how}"),
    Relation.DERIVED: mark("{model} was made from {parent}, which was made from {oldest}; {how}"),
}
CLOCKS = mark("This rests on two clocks: that of the training runs and that of the recording program.")


class Whose(Enum):
    REQUEST = "those of a request"
    YOURS = "all of a person's"
    WITHDRAWN = "those of a person that they had deleted or kept out of training"


@dataclass(frozen=True)
class Captures:
    """Which captures the text is about. `models`: how many of them each model version was trained on, each counted
    once, where known.
    """

    whose: Whose
    listed: Mapping[UUID, int]
    models: Mapping[UUID, int]
    until: Until
    """By dataset version: when the last of them was withdrawn, if all were."""
    at_least: Container[UUID] = ()
    """The model versions of which `models` may be too low."""

    @property
    def of_request(self) -> bool:
        return self.whose == Whose.REQUEST

    def counted(self, n: int, *, proven: bool = False) -> Said:
        """`proven`: that they were used."""
        if self.of_request:
            return say_n("{n} of these records", "{n} of these records", n)
        if proven and self.whose == Whose.WITHDRAWN:
            return say_n(
                "{n} record of yours that you had deleted or kept out of training",
                "{n} records of yours that you had deleted or kept out of training",
                n,
            )
        return say_n("{n} record of yours", "{n} records of yours", n)


def of_request(listed: Mapping[UUID, int], until: Until) -> Captures:
    return Captures(Whose.REQUEST, listed, {}, until)


def of_yours(
    listed: Mapping[UUID, int],
    models: Mapping[UUID, int],
    until: Until,
    at_least: Container[UUID] = (),
    whose: Whose = Whose.YOURS,
) -> Captures:
    return Captures(whose, listed, models, until, at_least)


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


def learned(graph: ModelGraph, reached: Mapping[UUID, Reached], model: UUID, captures: Captures) -> Said:
    """How the captures went into a model version, by the best-proven path; no full stop at the end."""
    name, through = graph.models[model].name, reached[model].through
    if through is None:
        return _trained(graph, model, captures)
    parent = graph.models[through.parent].name
    source = [link.parent for link in graph.path(model, reached)][-1]
    how = _trained(graph, source, captures)
    if source == through.parent:
        return say(DIRECTLY[through.relation], model=name, parent=parent, how=how)
    return say(FURTHER[through.relation], model=name, parent=parent, oldest=graph.models[source].name, how=how)


def read(graph: ModelGraph, model: UUID, dataset: UUID | None, captures: Captures) -> Said:
    """The same, for one dataset version that it was trained on; None: for unrecorded training data."""
    name = graph.models[model].name
    if dataset is None:
        return _may(name, captures, say("there is no record of what it was trained on"))
    events = captures.listed.get(dataset)
    of_dataset = graph.datasets[dataset].full_name
    evidence = dataset_evidence(graph, model, dataset, captures)
    if evidence == Evidence.NONE:
        said = {"model": name, "dataset": of_dataset}
        if captures.of_request:
            return say("Of what the runs of {model} reported, {dataset} lists none of these records", **said)
        return say("Of what the runs of {model} reported, {dataset} lists no records of yours", **said)
    if evidence == Evidence.PROVEN:
        return say("{model} was trained on {records}", model=name, records=captures.counted(events or 0))
    readings = [reading for reading in graph.readings[model] if reading.dataset == dataset]
    return _may(name, captures, _why_unsure(graph, readings, of_dataset, events, captures))


def _may(name: str, captures: Captures, why: Said) -> Said:
    if captures.of_request:
        return say("{model} may have been trained on these records: {why}", model=name, why=why)
    return say("{model} may have been trained on records of yours: {why}", model=name, why=why)


def _why_unsure(
    graph: ModelGraph, readings: Sequence[Reading], of_dataset: str, events: int | None, captures: Captures
) -> Said:
    if any(reading.too_early for reading in readings):
        return _unproven_list(graph, readings, of_dataset, events, captures)
    if events is None and any(reading.doubted for reading in readings):
        return say("only another service says that {dataset} is what a part of its run read", dataset=of_dataset)
    if events is None:
        return say("there is no record of what was in {dataset}", dataset=of_dataset)
    has = {"dataset": of_dataset, "records": captures.counted(events)}
    if all(reading.part is not None for reading in readings):
        return say("it read part of {dataset}, which has {records}, but did not record which part", **has)
    if any(reading.certain and reading.part is None for reading in readings):
        return say(
            "its run read {dataset}, which has {records}, after they were withdrawn or their time was up; our copy of "
            "it leaves them out since then",
            **has,
        )
    return say("a run that may have made it, or a part of such a run, read {dataset}, which has {records}", **has)


def _unproven_list(
    graph: ModelGraph, readings: Iterable[Reading], of_dataset: str, events: int | None, captures: Captures
) -> Said:
    """Why a list that the ledger had only after the run began shows nothing about the run, neither way."""
    late = [reading for reading in readings if reading.too_early]
    made_later = all(
        reading.dataset and graph.datasets[reading.dataset].created_at > graph.began_by(reading.run) for reading in late
    )
    if events:
        the_list = say(
            "the list of {dataset}, which has {records},", dataset=of_dataset, records=captures.counted(events)
        )
    else:
        the_list = say("the list of {dataset}", dataset=of_dataset)
    if made_later:
        return say(
            "{the_list} was in the ledger only after its run began (by Open Book's clock, it was also made after the "
            "start that the run reported), so nothing shows that the run read this list",
            the_list=the_list,
        )
    return say(
        "{the_list} was in the ledger only after its run began, so nothing shows that the run read this list",
        the_list=the_list,
    )


def never_any(name: str, *, of_request: bool = False) -> Said:
    """Why nothing can be in a model version of somebody of whom nothing was ever captured, or nothing that a request
    covers; a sentence."""
    if of_request:
        return say(
            "So far, nothing about you that this request covers was captured in this register, so nothing of it can "
            "have been used for {model}. What was never entered here is not covered.",
            model=name,
        )
    return say(
        "So far, nothing about you was captured in this register, so nothing of it can have been used for {model}. "
        "What was never entered here is not covered.",
        model=name,
    )


def made_before(graph: ModelGraph, model: UUID, too_old: Container[UUID], captures: Captures) -> Said:
    """Why dates rule the captures out of a model version, or of what it was made from; sentences."""
    name = graph.models[model].name
    if model in too_old:
        made = {"model": name, "day": graph.made_by[model].date()}
        if captures.of_request:
            why = say(
                "{model} was finished, as its runs reported, on {day}, before the first of these records in this "
                "register.",
                **made,
            )
        else:
            why = say(
                "{model} was finished, as its runs reported, on {day}, before the first of your records in this "
                "register.",
                **made,
            )
    elif captures.of_request:
        why = say(
            "Of what the runs of {model} reported, nothing lists any of these records, and what it was made from was "
            "finished, as its runs reported, before the first of these records in this register.",
            model=name,
        )
    else:
        why = say(
            "Of what the runs of {model} reported, nothing lists any records of yours, and what it was made from was "
            "finished, as its runs reported, before the first of your records in this register.",
            model=name,
        )
    return sentences(why, say(CLOCKS))


def still_there(graph: ModelGraph, model: Model) -> Said:
    """What a model version learned, and where that is in use; a sentence."""
    places = [each.place for each in graph.in_use(model.id)]
    if not places:
        return say("What {model} learned is still in it.", model=model.name)
    named: str = ", ".join(shortened(place) for place in places[:NAMED])
    if len(places) > NAMED:
        named = say_n("{places} and {n} more", "{places} and {n} more", len(places) - NAMED, places=named)
    return say("What {model} learned is still in it, and it is in use at {places}.", model=model.name, places=named)


def ended(clause: Said) -> Said:
    """With a full stop."""
    return Said(("{_}.",), {"_": clause})


def _trained(graph: ModelGraph, model: UUID, captures: Captures) -> Said:
    """The strongest statement that its own training data allows."""
    name = graph.models[model].name
    evidence = graph.trained(model, captures.listed, captures.until)
    if evidence == Evidence.PROVEN:
        return _proven(name, captures, captures.models.get(model), at_least=model in captures.at_least)
    readings = graph.readings.get(model, ())
    surest = next(
        (each for each in readings if graph.evidence_of(each, captures.listed, captures.until) == evidence), None
    )
    if evidence == Evidence.NONE:
        if captures.of_request:
            return say(
                "{model} was trained on nothing that lists any of these records, of what its runs reported", model=name
            )
        return say(
            "{model} was trained on nothing that lists any records of yours, of what its runs reported", model=name
        )
    if around_only(graph, model, captures):
        why = say(
            "runs that belong together with its own read something else, and there is no record of what they handed on"
        )
        return _may(name, captures, why)
    return read(graph, model, surest.dataset if surest else None, captures)


def _proven(name: str, captures: Captures, events: int | None, *, at_least: bool) -> Said:
    if events is not None:
        records = captures.counted(events, proven=True)
        if at_least:
            return say("{model} was trained on at least {records}", model=name, records=records)
        return say("{model} was trained on {records}", model=name, records=records)
    match captures.whose:
        case Whose.REQUEST:
            return say("{model} was trained on some of these records", model=name)
        case Whose.WITHDRAWN:
            return say(
                "{model} was trained on some records of yours that you had deleted or kept out of training", model=name
            )
    return say("{model} was trained on some records of yours", model=name)
