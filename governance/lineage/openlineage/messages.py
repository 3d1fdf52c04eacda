"""OpenLineage's events, datasets, jobs and runs, as far as they count."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

import clock
from governance.domain.moments import parse_moment
from governance.lineage.names import bounded
from governance.lineage.openlineage.facets import (
    DatasetFacets,
    DeploymentFacet,
    Identifier,
    InputFacets,
    Key,
    LineageJobFacet,
    LineageSource,
    OwnershipFacet,
    ParentFacet,
    Part,
    PurposeFacet,
    Text,
    unless_deleted,
)
from lake.lineage.graph import OURS

MODEL_NAMESPACE = "model"
CLOCK_AHEAD = timedelta(days=1)
SHORTEST_TIME = len("2026-11-02T09:30")
END_OF_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ]24(:00(?::00(?:[.,]0+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)", re.ASCII)

Name = tuple[str, str]
"""Namespace and name."""


def _moment(value: Any) -> datetime:
    """RFC 3339, or another form of ISO 8601; without an offset it is UTC. 24:00:00 is the end of the day. Raises
    ValueError."""
    if isinstance(value, str) and (midnight := END_OF_DAY.fullmatch(value.strip())):
        try:
            return _moment("T00".join(midnight.groups())) + timedelta(days=1)
        except OverflowError as error:
            raise ValueError("is not a time that exists") from error
    try:
        return parse_moment(value)
    except ValueError:
        if not isinstance(value, str) or len(value.strip()) < SHORTEST_TIME:
            raise
        try:
            return parse_moment(datetime.fromisoformat(value.strip()))
        except (ValueError, OverflowError):
            pass
        raise


def _not_in_future(moment: datetime) -> datetime:
    if moment > clock.now() + CLOCK_AHEAD:
        raise ValueError("is more than a day ahead: check the sender's clock")
    return moment


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def known_name(namespace: str, name: str) -> Name:
    """The name with our spelling of the namespaces that mean something here."""
    folded = namespace.casefold()
    return (folded if folded in (OURS, MODEL_NAMESPACE) else namespace, name)


class Dataset(Part):
    namespace: Text
    name: Text
    facets: DatasetFacets | None = None

    @property
    def stated_facets(self) -> DatasetFacets:
        return self.facets or DatasetFacets()

    @property
    def is_model(self) -> bool:
        kind = unless_deleted(self.stated_facets.type)
        if kind is not None and kind.type.upper() == "MODEL":
            return True
        return MODEL_NAMESPACE in {namespace for namespace, _ in self.names}

    @property
    def names(self) -> list[Name]:
        """Its own name, then its others."""
        facet = unless_deleted(self.stated_facets.symlinks)
        others: list[Identifier] = (facet.identifiers or []) if facet else []
        named = [(self.namespace, self.name), *((other.namespace, other.name) for other in others)]
        return list(dict.fromkeys(known_name(*each) for each in named))

    @property
    def model(self) -> str:
        """The model's name."""
        return model_name(*self.names[0])

    @property
    def aliases(self) -> list[str]:
        """The model's other names."""
        names = [model_name(*other) for other in self.names[1:]]
        return [name for name in dict.fromkeys(names) if name != self.model]

    @property
    def version(self) -> str | None:
        facet = unless_deleted(self.stated_facets.version)
        return None if facet is None else facet.version

    @property
    def identities(self) -> list[Name]:
        """The dataset's names: every name that we gave, if it has any of those; else its own."""
        return [name for name in self.names if name[0] == OURS] or self.names[:1]

    @property
    def sources(self) -> list[LineageSource]:
        """What its facet `lineage` says that it was made from."""
        facet = unless_deleted(self.stated_facets.lineage)
        return list(facet.sources) if facet else []


def model_name(namespace: str, name: str) -> str:
    """Our name for a model."""
    return name if namespace == MODEL_NAMESPACE else bounded(f"{namespace}/{name}")


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
    lineage: LineageJobFacet | None = None


class Job(Part):
    namespace: Text
    name: Text
    facets: JobFacets | None = None

    @property
    def called(self) -> str:
        return bounded(f"{self.namespace}/{self.name}")


EventTime = Annotated[
    datetime,
    BeforeValidator(_moment),
    AfterValidator(_not_in_future),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class JobEvent(Part):
    """Facts about a job, independent of a run. Its declared purpose counts, and what its facet `lineage` says about
    models; its datasets don't count as read."""

    event_time: EventTime = Field(alias="eventTime")
    job: Job


class DatasetEvent(Part):
    """Facts about a dataset or a model, independent of a run."""

    event_time: EventTime = Field(alias="eventTime")
    dataset: Dataset


class RunEvent(JobEvent):
    """A run of a job reached a state, or reported more about itself."""

    event_type: Annotated[
        Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None, BeforeValidator(_upper)
    ] = Field(None, alias="eventType")
    run: Run
    inputs: list[InputDataset] | None = None
    outputs: list[Dataset] | None = None


EVENTS: tuple[type[Part], ...] = (RunEvent, DatasetEvent, JobEvent)
