"""From a body to an event as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import clock
from governance.lineage.events import UNVERSIONED, Event, Item, Kind, Origin, Role, State
from governance.lineage.names import recipient, run_key
from governance.lineage.openlineage.facets import (
    DeploymentFacet,
    InputFacets,
    LineageSource,
    OwnershipFacet,
    unless_deleted,
)
from governance.lineage.openlineage.messages import (
    MODEL_NAMESPACE,
    Dataset,
    DatasetEvent,
    InputDataset,
    JobEvent,
    JobFacets,
    Name,
    RunEvent,
    RunFacets,
    known_name,
    model_name,
)
from governance.lineage.openlineage.repairs import UNNAMED, UNREADABLE, Fault, hides_a_model, validated
from governance.lineage.openlineage.subsets import shape_of
from lake.lineage.graph import UNKNOWN_RUN, Relation


def parse(body: dict[str, Any], left_out: list[Fault] | None = None) -> Event:
    """Parse a decoded body, which is changed, to an event. `left_out` gets what could not be read. Raises pydantic's
    ValidationError if nothing of it can be used: without a time, or a run without an id.
    """
    faults = [] if left_out is None else left_out
    own: list[Fault] = []
    if body.get("run") is None and "dataset" in body:
        return _with_hidden(_of_dataset(validated(DatasetEvent, body, own)), own, faults)
    if body.get("run") is None and body.get("eventType") is None and "job" in body:
        return _with_hidden(_of_job(validated(JobEvent, body, own)), own, faults)
    return _with_hidden(_of_run(validated(RunEvent, body, own)), own, faults)


def _with_hidden(event: Event, own: list[Fault], faults: list[Fault]) -> Event:
    """With a run that nobody knows as one that its run is part of, if that may be. `faults` gets its `own`."""
    faults += own
    if event.run is None or not hides_a_model(own):
        return event
    return replace(event, items=(*event.items, Item(Role.PART_OF, "", str(UNKNOWN_RUN), "")))


def _of_run(event: RunEvent) -> Event:
    run = event.run.facets or RunFacets()
    job = event.job.facets or JobFacets()
    purpose = unless_deleted(run.purpose) or unless_deleted(job.purpose)
    facets = (unless_deleted(run.parent), unless_deleted(run.earlier_parent))
    parents = list(dict.fromkeys(each for facet in facets if facet for each in facet.runs if each != event.run.run_id))
    items = [Item(Role.PART_OF, "", str(other), "") for other in parents[1:]]
    items += _items(event, unless_deleted(run.deployment), _owner(job.ownership))
    return Event(
        Origin.OPENLINEAGE,
        Kind.RUN,
        _utc(event),
        State(event.event_type or State.OTHER),
        run=event.run.run_id,
        parent_run=parents[0] if parents else None,
        job=event.job.called,
        purpose=None if purpose is None else purpose.purpose,
        items=tuple(dict.fromkeys(items)),
    )


def _items(event: RunEvent, deployment: DeploymentFacet | None, job_owner: str | None) -> Iterator[Item]:
    for dataset in event.inputs or ():
        if not dataset.is_model:
            yield from _read(dataset)
            continue
        yield from _aliases(dataset)
        facets, of_input = dataset.stated_facets, dataset.input_facets or InputFacets()
        relation = unless_deleted(of_input.parent) or unless_deleted(facets.parent)
        name, version = dataset.model, dataset.version or UNVERSIONED
        yield Item(Role.PARENT, "", name, version, relation=relation.relation if relation else Relation.DERIVED.value)
        if deployment is not None:
            yield Item(
                Role.DEPLOYED, "", name, version,
                place=deployment.place, recipient=recipient(deployment.recipient), ended=deployment.ended,
            )  # fmt: skip
    for output in event.outputs or ():
        yield from _aliases(output)
        yield _written(output, job_owner)
    yield from _fed(event)


def _fed(event: RunEvent) -> Iterator[Item]:
    """What the facets `lineage` say that the run read, and its inputs don't name."""
    named = {name for dataset in event.inputs or () for name in dataset.names}
    lineage = unless_deleted((event.job.facets or JobFacets()).lineage)
    for entry in (lineage.entries or ()) if lineage else ():
        yield from _from_sources(entry.sources, named)
    for output in event.outputs or ():
        yield from _from_sources(output.sources, named)


def _from_sources(sources: Iterable[LineageSource], known: set[Name]) -> Iterator[Item]:
    """Sources have no version, so they may be any: they are left to the inputs that name them."""
    for source in sources:
        name = known_name(source.namespace or UNNAMED, source.name or UNREADABLE)
        if source.is_own_job or name in known:
            continue
        if name[0] == MODEL_NAMESPACE:
            yield Item(Role.PARENT, "", model_name(*name), UNVERSIONED, relation=Relation.DERIVED.value)
        else:
            yield Item(Role.READ, *name, "")


def _of_dataset(event: DatasetEvent) -> Event:
    dataset = event.dataset
    written = _written(dataset, None)
    items = [written, *_aliases(dataset), *(_from_sources(dataset.sources, set()) if dataset.is_model else ())]
    return _declared(Event(Origin.OPENLINEAGE, Kind.DATASET, _utc(event)), items, written.name, written.version)


def _of_job(event: JobEvent) -> Event:
    facets = event.job.facets or JobFacets()
    purpose, lineage = unless_deleted(facets.purpose), unless_deleted(facets.lineage)
    items: list[Item] = []
    for entry in (lineage.entries or ()) if lineage else ():
        namespace, name = known_name(entry.namespace or UNNAMED, entry.name or UNREADABLE)
        if namespace == MODEL_NAMESPACE:
            items += [Item(Role.MADE, "", name, UNVERSIONED), *_from_sources(entry.sources, set())]
    job = Event(
        Origin.OPENLINEAGE,
        Kind.JOB,
        _utc(event),
        job=event.job.called,
        purpose=None if purpose is None else purpose.purpose,
    )
    return _declared(job, items, "job", event.job.called)


def _declared(event: Event, items: list[Item], *about: str) -> Event:
    """With what was declared to have been read without a run. It stands for a run of its own that proves nothing."""
    if any(item.role in (Role.READ, Role.PARENT) for item in items):
        key = run_key("\n".join(("declared", *about)))
        event = replace(event, run=key, state=State.ABORT)
    return replace(event, items=tuple(dict.fromkeys(items)))


def _read(dataset: InputDataset) -> Iterator[Item]:
    subset = unless_deleted(dataset.input_facets.subset) if dataset.input_facets else None
    part = None if subset is None else shape_of(subset.condition)
    for namespace, name in dataset.identities:
        yield Item(Role.READ, namespace, name, dataset.version or "", part=part)


def _aliases(dataset: Dataset) -> Iterator[Item]:
    if dataset.is_model:
        for name in dataset.aliases:
            yield Item(Role.ALIAS, dataset.model, name, "")


def _written(dataset: Dataset, job_owner: str | None) -> Item:
    facets = dataset.stated_facets
    change, purpose = unless_deleted(facets.change), unless_deleted(facets.purpose)
    item = Item(
        Role.WROTE,
        *dataset.identities[0],
        dataset.version or "",
        change=None if change is None else change.change,
        purpose=None if purpose is None else purpose.purpose,
    )
    if not dataset.is_model:
        return item
    owner = _owner(facets.ownership) or job_owner
    return replace(
        item, role=Role.MADE, namespace="", name=dataset.model, version=dataset.version or UNVERSIONED, owner=owner
    )


def _owner(facet: OwnershipFacet | None) -> str | None:
    """The first owner that is not a person, without the kind of owner."""
    owners = (facet.owners or ()) if facet is not None and not facet.deleted else ()
    return next((name for owner in owners if (name := recipient(owner.name)) is not None), None)


def _utc(event: JobEvent | DatasetEvent) -> datetime:
    return clock.naive(event.event_time)
