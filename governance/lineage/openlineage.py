"""OpenLineage 2 events as its clients send them: RunEvent, DatasetEvent and JobEvent, distinguished by their fields.

These facets count; all others are dropped unread: on datasets `version`, `datasetType` (MODEL: it is a model),
`lifecycleStateChange`, `ownership`, `symlinks`; on inputs `subset`; on runs `parent` (with its `root`) and its earlier
name `parentRun`; on jobs `ownership`. And ours:
`openBook_purpose` on runs, jobs, models and datasets that a run wrote, `openBook_parent` on input models,
`openBook_deployment` on runs. docs/lineage.md lists them all with an example.

A subset is stored as its shape (which fields, how many partitions), never with its values: those may be about people.
An owner that is a person (`user:…`, an e-mail address) is not stored either: the recipient of a model is a team or
vendor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

import clock
from governance.domain.moments import Moment
from governance.lineage.events import UNVERSIONED, Event, Item, Kind, Origin, Role, State
from governance.lineage.facets import (
    DatasetFacets,
    DeploymentFacet,
    Identifier,
    InputFacets,
    Key,
    OwnershipFacet,
    ParentFacet,
    Part,
    PurposeFacet,
    Text,
    unless_deleted,
)
from governance.lineage.subsets import shape_of
from lake.lineage.graph import LONGEST_NAME, OURS, Relation

MODEL_NAMESPACE = "model"
MOST_DATASETS = 1000
CLOCK_AHEAD = timedelta(days=1)


def _not_in_future(moment: datetime) -> datetime:
    if moment > clock.now() + CLOCK_AHEAD:
        raise ValueError("is more than a day ahead: check the sender's clock")
    return moment


class Dataset(Part):
    namespace: Text
    name: Text
    facets: DatasetFacets | None = None

    @model_validator(mode="after")
    def _short_enough(self) -> Dataset:
        if self.is_model and len(self.model) > LONGEST_NAME:
            raise ValueError(f"namespace and name of a model are longer than {LONGEST_NAME} characters together")
        return self

    @property
    def stated_facets(self) -> DatasetFacets:
        return self.facets or DatasetFacets()

    @property
    def is_model(self) -> bool:
        kind = unless_deleted(self.stated_facets.type)
        if kind is not None and kind.type.upper() == "MODEL":
            return True
        return MODEL_NAMESPACE in {self.namespace, *(other.namespace for other in self.symlinks)}

    @property
    def model(self) -> str:
        """The model's name."""
        return model_name(self.namespace, self.name)

    @property
    def aliases(self) -> list[str]:
        """The model's other names."""
        names = [model_name(other.namespace, other.name) for other in self.symlinks]
        return [name for name in dict.fromkeys(names) if name != self.model and len(name) <= LONGEST_NAME]

    @property
    def symlinks(self) -> list[Identifier]:
        facet = unless_deleted(self.stated_facets.symlinks)
        return (facet.identifiers or []) if facet else []

    @property
    def version(self) -> str | None:
        facet = unless_deleted(self.stated_facets.version)
        return None if facet is None else facet.version

    @property
    def identities(self) -> list[tuple[str, str]]:
        """The dataset's names: every name that we gave, if it has any of those; else its own."""
        names = [(self.namespace, self.name), *((other.namespace, other.name) for other in self.symlinks)]
        return [name for name in dict.fromkeys(names) if name[0] == OURS] or names[:1]


def model_name(namespace: str, name: str) -> str:
    """Our name for a model."""
    return name if namespace == MODEL_NAMESPACE else f"{namespace}/{name}"


class InputDataset(Dataset):
    input_facets: InputFacets | None = Field(None, alias="inputFacets")


class RunFacets(Part):
    parent: ParentFacet | None = None
    earlier_parent: ParentFacet | None = Field(None, alias="parentRun", description="Its earlier name.")
    purpose: PurposeFacet | None = Field(None, alias="openBook_purpose")
    deployment: DeploymentFacet | None = Field(None, alias="openBook_deployment")


class Run(Part):
    run_id: Key = Field(alias="runId")
    facets: RunFacets | None = None


class JobFacets(Part):
    ownership: OwnershipFacet | None = None
    purpose: PurposeFacet | None = Field(None, alias="openBook_purpose")


class Job(Part):
    namespace: Text
    name: Text
    facets: JobFacets | None = None

    @model_validator(mode="after")
    def _short_enough(self) -> Job:
        if len(self.called) > LONGEST_NAME:
            raise ValueError(f"namespace and name of a job are longer than {LONGEST_NAME} characters together")
        return self

    @property
    def called(self) -> str:
        return f"{self.namespace}/{self.name}"


EventTime = Annotated[Moment, AfterValidator(_not_in_future)]


class JobEvent(Part):
    """Facts about a job, independent of a run. Its declared purpose counts; its datasets don't count as read."""

    event_time: EventTime = Field(alias="eventTime")
    job: Job


class DatasetEvent(Part):
    """Facts about a dataset or a model, independent of a run."""

    event_time: EventTime = Field(alias="eventTime")
    dataset: Dataset


class RunEvent(JobEvent):
    """A run of a job reached a state, or reported more about itself."""

    event_type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None = Field(
        None, alias="eventType"
    )
    run: Run
    inputs: list[InputDataset] | None = Field(None, max_length=MOST_DATASETS)
    outputs: list[Dataset] | None = Field(None, max_length=MOST_DATASETS)


EVENTS: tuple[type[Part], ...] = (RunEvent, DatasetEvent, JobEvent)


def parse(body: dict[str, Any]) -> Event:
    """Parse a decoded body to an event. Raises pydantic's ValidationError."""
    if "run" not in body and "dataset" in body:
        return _of_dataset(DatasetEvent.model_validate(body))
    if "run" not in body and "eventType" not in body and "job" in body:
        return _of_job(JobEvent.model_validate(body))
    return _of_run(RunEvent.model_validate(body))


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
                place=deployment.place, recipient=deployment.recipient, ended=deployment.ended,
            )  # fmt: skip
    for output in event.outputs or ():
        yield from _aliases(output)
        yield _written(output, job_owner)


def _of_dataset(event: DatasetEvent) -> Event:
    items = (_written(event.dataset, None), *_aliases(event.dataset))
    return Event(Origin.OPENLINEAGE, Kind.DATASET, _utc(event), items=items)


def _of_job(event: JobEvent) -> Event:
    purpose = unless_deleted((event.job.facets or JobFacets()).purpose)
    return Event(
        Origin.OPENLINEAGE,
        Kind.JOB,
        _utc(event),
        job=event.job.called,
        purpose=None if purpose is None else purpose.purpose,
    )


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
    for owner in (facet.owners or ()) if facet is not None and not facet.deleted else ():
        kind, _, name = owner.name.rpartition(":")
        if kind.lower() not in {"user", "person"} and "@" not in owner.name and name:
            return name
    return None


def _utc(event: JobEvent | DatasetEvent) -> datetime:
    return clock.naive(event.event_time)
