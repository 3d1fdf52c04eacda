"""The graph of models, without personal data: what each was trained on, what was made from it, where it is in use.

`ModelGraph.reach` computes how far the captures listed in some dataset versions reach, by the strongest path to each
model version; a path is only as strong as its weakest link:

  a dataset version that was read    proven     its manifest lists them
                                     possible   it has no manifest, or the run says that it read only a part of it
                                     none       its manifest lists none of them
  nothing known was read             unknown
  made from another model version    the same as for that one if it was fine-tuned: the weights were carried over;
                                     at most possible if it was distilled, or it is unknown how it was made

proven takes precedence over possible, possible over unknown, unknown over none. So no one is told that a model has
nothing of theirs while part of what it was made from is unknown. Descent may contain cycles; each model is
visited once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.lineage.graph import Relation
from lake.lineage.model_readings import Group, Reading, Readings
from lake.statements import statement


class Evidence(StrEnum):
    """How certain it is that captures went into something; the strongest first."""

    PROVEN = "proven"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    NONE = "none"


NAMED = 3
"""The number of names listed for a large group."""
LONGEST_NAMED = 60

STRENGTH = {evidence: rank for rank, evidence in enumerate(Evidence)}
LINKS = {
    Relation.FINE_TUNED: Evidence.PROVEN,
    Relation.DISTILLED: Evidence.POSSIBLE,
    Relation.DERIVED: Evidence.POSSIBLE,
}


@dataclass(frozen=True)
class Dataset:
    id: UUID
    namespace: str
    dataset: str
    version: str
    purpose: str | None
    origin: str
    created_at: datetime
    manifest_root: str | None
    members: int = 1
    """More than 1: it stands for that many datasets without a manifest, and `first` names some of them."""
    first: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.dataset} {self.version}".strip()

    @property
    def full_name(self) -> str:
        """The name; for a group, with its first members."""
        return f"{self.name} ({', '.join(self.first)}, …)" if self.first else self.name


@dataclass(frozen=True)
class Run:
    id: UUID
    origin: str
    job: str
    purpose: str | None
    state: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Model:
    """One version of a model."""

    id: UUID
    model: str
    version: str
    purpose: str | None
    owner: str | None
    origin: str
    released_at: datetime
    retired_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.model} {self.version}".strip()


@dataclass(frozen=True)
class Link:
    """That a model version was made from another."""

    parent: UUID
    relation: Relation


@dataclass(frozen=True)
class Deployment:
    place: str
    recipient: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Reached:
    """How certain it is that something reached a model version. `through` is the other version it came from; None if
    the version's own training says the most."""

    evidence: Evidence
    through: Link | None = None


@dataclass(frozen=True)
class ModelGraph:
    """All by model version, except `datasets` and `runs`; in order of arrival."""

    datasets: Mapping[UUID, Dataset] = field(default_factory=dict)
    runs: Mapping[UUID, Run] = field(default_factory=dict)
    models: Mapping[UUID, Model] = field(default_factory=dict)
    readings: Mapping[UUID, tuple[Reading, ...]] = field(default_factory=dict)
    links: Mapping[UUID, tuple[Link, ...]] = field(default_factory=dict)
    deployments: Mapping[UUID, tuple[Deployment, ...]] = field(default_factory=dict)
    children: Mapping[UUID, tuple[tuple[UUID, Relation], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: DuckDBPyConnection) -> ModelGraph:
        """The graph in the connection's snapshot."""
        row = connection.execute(statement("model_graph")).fetchone()
        assert row is not None
        datasets, runs, models, inputs, outputs, parents, deployments = (part or [] for part in row)
        known = {each["id"]: Dataset(**each) for each in datasets}
        read: dict[UUID, list[tuple[UUID, str | None]]] = defaultdict(list)
        for each in inputs:
            read[each["run"]].append((each["dataset_version"], each["part"]))
        listed = {key for key, dataset in known.items() if dataset.manifest_root is not None}
        readings = Readings([(each["run"], each["model_version"]) for each in outputs], read, listed, known)
        links: dict[UUID, list[Link]] = defaultdict(list)
        children: dict[UUID, list[tuple[UUID, Relation]]] = defaultdict(list)
        for each in parents:
            relation = Relation(each["relation"])
            links[each["model_version"]].append(Link(each["parent"], relation))
            children[each["parent"]].append((each["model_version"], relation))
        in_use: dict[UUID, list[Deployment]] = defaultdict(list)
        for each in deployments:
            in_use[each.pop("model_version")].append(Deployment(**each))
        return cls(
            datasets=_with_groups(known, readings),
            runs={each["id"]: Run(**each) for each in runs},
            models={each["id"]: Model(**each) for each in models},
            readings=readings.by_model,
            links=_tuples(links),
            deployments=_tuples(in_use),
            children=_tuples(children),
        )

    @cached_property
    def trainings(self) -> list[tuple[UUID, UUID]]:
        """Each model version with each dataset version that it was trained on completely, once."""
        pairs = (
            (model, reading.dataset)
            for model, readings in self.readings.items()
            for reading in readings
            if reading.dataset is not None and reading.part is None
        )
        return list(dict.fromkeys(pairs))

    def evidence_of(self, reading: Reading, listed: Container[UUID]) -> Evidence:
        """How certain it is that a run read what the dataset versions `listed` list."""
        if reading.dataset is None:
            return Evidence.UNKNOWN
        if reading.dataset in listed:
            return Evidence.PROVEN if reading.part is None else Evidence.POSSIBLE
        return Evidence.POSSIBLE if self.datasets[reading.dataset].manifest_root is None else Evidence.NONE

    def trained(self, model: UUID, listed: Container[UUID]) -> Evidence:
        """The evidence of the model version's own training, whatever it was made from."""
        readings = self.readings.get(model, ())
        return min(
            (self.evidence_of(each, listed) for each in readings), key=STRENGTH.__getitem__, default=Evidence.UNKNOWN
        )

    def reach(self, listed: Container[UUID]) -> dict[UUID, Reached]:
        """How far the captures in the dataset versions `listed` reach: an entry for every model version."""
        found = {model: Reached(self.trained(model, listed)) for model in self.models}
        for evidence in Evidence:
            waiting = [model for model, reached in found.items() if reached.evidence == evidence]
            while waiting:
                parent = waiting.pop()
                for child, relation in self.children.get(parent, ()):
                    weakest = max(evidence, LINKS[relation], key=STRENGTH.__getitem__)
                    if child in found and STRENGTH[weakest] < STRENGTH[found[child].evidence]:
                        found[child] = Reached(weakest, Link(parent, relation))
                        if weakest == evidence:
                            waiting.append(child)
        return found

    @staticmethod
    def inherited(link: Link, reached: Mapping[UUID, Reached]) -> Evidence:
        """How certain it is that something was carried over by a link."""
        parent = reached.get(link.parent, Reached(Evidence.NONE))
        return max(parent.evidence, LINKS[link.relation], key=STRENGTH.__getitem__)

    def path(self, model: UUID, reached: Mapping[UUID, Reached]) -> Iterator[Link]:
        """The links from a model version back to the one whose own training says the most."""
        through = reached[model].through
        while through is not None:
            yield through
            through = reached[through.parent].through

    def newer(self, model: UUID) -> list[Model]:
        """Later versions of the same model, earliest first."""
        old = self.models[model]
        return [each for each in self.models.values() if each.model == old.model and each.released_at > old.released_at]

    def in_use(self, model: UUID) -> list[Deployment]:
        """Where it is in use now."""
        return [each for each in self.deployments.get(model, ()) if each.until is None]

    def untrained(self) -> set[UUID]:
        """Dataset versions from which no model version was made."""
        return set(self.datasets) - {
            reading.dataset for readings in self.readings.values() for reading in readings if reading.dataset
        }


def _with_groups(known: Mapping[UUID, Dataset], readings: Readings) -> dict[UUID, Dataset]:
    """The datasets; those that are only read as members of a group are not listed individually."""
    members = {member for group in readings.groups.values() for member in group.members}
    alone = {reading.dataset for of_model in set(readings.by_model.values()) for reading in of_model}
    found = {key: dataset for key, dataset in known.items() if key not in members or key in alone}
    return found | {group.id: _of_group(group, known) for group in readings.groups.values()}


def _of_group(group: Group, known: Mapping[UUID, Dataset]) -> Dataset:
    members = [known[member] for member in group.members]
    return Dataset(
        id=group.id,
        namespace="",
        dataset=f"{len(members):,} datasets without a manifest",
        version="",
        purpose=None,
        origin=members[0].origin,
        created_at=min(member.created_at for member in members),
        manifest_root=None,
        members=len(members),
        first=tuple(sorted(shortened(member.name) for member in members)[:NAMED]),
    )


def shortened(name: str) -> str:
    """A name from an external tool, shortened for lists."""
    return name if len(name) <= LONGEST_NAMED else f"{name[: LONGEST_NAMED - 1]}…"


def _tuples(lists: Mapping[UUID, list[Any]]) -> dict[UUID, tuple[Any, ...]]:
    return {key: tuple(values) for key, values in lists.items()}
