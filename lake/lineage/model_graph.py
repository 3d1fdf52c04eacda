"""The graph of models, without personal data: what each was trained on, what was made from it, where it is in use.

What a model version may have read and what it certainly read are two sets (`lake.lineage.families`): absence is said
from the first, proof from the second. `ModelGraph.reach` computes how far the captures listed in some dataset versions
reach, by the strongest path to each model version; a path is only as strong as its weakest link:

  a dataset version that was read    proven     its manifest lists them, and it is certain that it was read in full
                                                for this model version, before they were withdrawn
                                     possible   its manifest lists them, or it has none
                                     none       its manifest lists none of them
  nothing known was read             unknown
  read by runs around its own        at most unknown
  made from another model version    the same as for that one if it was fine-tuned after that one was ready: the weights
                                     were carried over; otherwise at most possible
  none was ever captured             none
  made before any was captured       made_before, if it would be possible or unknown (`ModelGraph.too_old`)

proven takes precedence over possible, possible over unknown, unknown over made_before, that over none. So no one is
told that a model has nothing of theirs while part of what it was made from is unknown. All of it rests on what the runs
reported. Descent may contain cycles; each model is visited once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.lineage import dates
from lake.lineage.families import NOTHING_AROUND, Around, Facts, Families, Ran
from lake.lineage.graph import Relation
from lake.lineage.model_readings import Reading, Readings, Source
from lake.lineage.read_datasets import Dataset, with_groups
from lake.statements import statement


class Evidence(StrEnum):
    """How certain it is that captures went into something; the strongest first."""

    PROVEN = "proven"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    MADE_BEFORE = "made_before"
    """Nothing of it is known, or not enough, but it was made before any of them was captured, as its runs reported."""
    NONE = "none"


Training = tuple[UUID, UUID, datetime]
"""A model version, a dataset version, and when the run that read it had begun at the latest."""
Until = Mapping[UUID, datetime]
"""By dataset version: when the last of some captures in it were withdrawn, so that later runs didn't get them."""
NEVER: Until = MappingProxyType({})

NOT_LEARNED = frozenset({Evidence.MADE_BEFORE, Evidence.NONE})
STRENGTH = {evidence: rank for rank, evidence in enumerate(Evidence)}
LINKS = {
    Relation.FINE_TUNED: Evidence.PROVEN,
    Relation.DISTILLED: Evidence.POSSIBLE,
    Relation.DERIVED: Evidence.POSSIBLE,
}


@dataclass(frozen=True)
class Run:
    id: UUID
    origin: str
    job: str
    purpose: str | None
    state: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def began_by(self) -> datetime:
        """It began then or earlier; without any time, in the far future."""
        return Ran(self.state, self.started_at, self.ended_at).began_by or datetime.max  # noqa: DTZ901


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
    """That a model version was made from another, or may have been."""

    parent: UUID
    relation: Relation
    certain: bool = True
    """It was, and the other was ready before."""

    @property
    def strength(self) -> Evidence:
        """The most that is carried over."""
        return LINKS[self.relation] if self.certain else Evidence.POSSIBLE


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
    around: Mapping[UUID, Around] = field(default_factory=dict)
    sources: Mapping[UUID, tuple[Source, ...]] = field(default_factory=dict)
    made_by: Mapping[UUID, datetime] = field(default_factory=dict)
    """Everything that may have had a part in it had ended by then, as the runs said."""
    first_named: Mapping[UUID, datetime] = field(default_factory=dict)
    """By dataset version: the first run that named it as read began then or earlier."""

    TABLES: ClassVar[frozenset[str]] = frozenset(
        {
            *("dataset_versions", "model_versions", "model_parents", "deployments"),
            *("runs", "run_inputs", "run_outputs", "run_parents", "run_models", "run_unproven"),
        }
    )
    """Those that it is read from."""

    @classmethod
    def read(cls, connection: DuckDBPyConnection) -> ModelGraph:
        """The graph in the connection's snapshot."""
        row = connection.execute(statement("model_graph")).fetchone()
        assert row is not None
        return cls.of(*(part or [] for part in row))

    @classmethod
    def of(cls, *parts_of_it: list[dict[str, Any]]) -> ModelGraph:
        """The same from the lists that `lake/sql/model_graph.sql` returns, in its order."""
        datasets, runs, models, inputs, outputs, parents, deployments, parts, named, unproven = parts_of_it
        known = {each["id"]: Dataset(**each) for each in datasets}
        known_listed = frozenset(key for key, dataset in known.items() if dataset.manifest_root is not None)
        facts = Facts.of(known_listed, runs, models, inputs, outputs, parents, parts, named, unproven)
        families = Families(facts)
        readings = Readings(families.sources, facts.inputs, facts.listed, known, facts.unproven)
        children: dict[UUID, list[tuple[UUID, Relation]]] = defaultdict(list)
        for model, of_model in families.links.items():
            for parent, relation, _ in of_model:
                children[parent].append((model, relation))
        in_use: dict[UUID, list[Deployment]] = defaultdict(list)
        for each in deployments:
            in_use[each.pop("model_version")].append(Deployment(**each))
        return cls(
            datasets=with_groups(known, readings),
            runs={each["id"]: Run(**each) for each in runs},
            models={each["id"]: Model(**each) for each in models},
            readings=readings.by_model,
            links={
                model: tuple(Link(parent, relation, certain) for parent, relation, certain in of_model)
                for model, of_model in families.links.items()
            },
            deployments=_tuples(in_use),
            children=_tuples(children),
            around=families.around,
            sources=families.sources,
            made_by=families.made_by,
            first_named=_first_named(facts),
        )

    @cached_property
    def trainings(self) -> list[Training]:
        """Each model version with each dataset version that it was certainly trained on in full, once."""
        found = (
            (model, reading.dataset, self.began_by(reading.run))
            for model, readings in self.readings.items()
            for reading in readings
            if reading.dataset is not None and reading.part is None and reading.certain
        )
        return list(dict.fromkeys(found))

    @property
    def uses(self) -> int:
        """How many datasets the model versions may have been trained on, all together; one for each that is unknown."""
        read = ({reading.dataset for reading in self.readings.get(model, ())} or {None} for model in self.models)
        return sum(self.datasets[each].members if each else 1 for of_model in read for each in of_model)

    def began_by(self, run: UUID) -> datetime:
        """A run began then or earlier; without any time, in the far future."""
        known = self.runs.get(run)
        return known.began_by if known is not None else datetime.max  # noqa: DTZ901

    def evidence_of(self, reading: Reading, listed: Container[UUID], until: Until = NEVER) -> Evidence:
        """How certain it is that a run read what the dataset versions `listed` list, which were withdrawn `until`."""
        if reading.dataset is None:
            return Evidence.UNKNOWN
        if reading.dataset in listed and reading.certain and reading.part is None:
            ended = until.get(reading.dataset)
            return Evidence.PROVEN if ended is None or self.began_by(reading.run) < ended else Evidence.POSSIBLE
        without = reading.dataset not in listed and self.datasets[reading.dataset].manifest_root is not None
        if without and reading.too_early:
            return Evidence.UNKNOWN
        return Evidence.NONE if without and not reading.doubted else Evidence.POSSIBLE

    def trained(self, model: UUID, listed: Container[UUID], until: Until = NEVER) -> Evidence:
        """The evidence of the model version's own training, whatever it was made from."""
        found = min(
            (self.evidence_of(each, listed, until) for each in self.readings.get(model, ())),
            key=STRENGTH.__getitem__,
            default=Evidence.UNKNOWN,
        )
        around = self.around.get(model, NOTHING_AROUND)
        if found == Evidence.NONE and (around.unknown or any(dataset in listed for dataset in around.datasets)):
            return Evidence.UNKNOWN
        return found

    def reach(
        self, listed: Container[UUID], until: Until = NEVER, too_old: Container[UUID] = (), *, never_any: bool = False
    ) -> dict[UUID, Reached]:
        """How far the captures in the dataset versions `listed` reach: an entry for every model version.

        `until`: by dataset version, the last of them were withdrawn then; those without are not all withdrawn.
        `too_old`: the model versions that were made before any of them was captured. `never_any`: there never were
        such captures, so that nothing can have them, whatever it read.
        """
        if never_any:
            return {model: Reached(Evidence.NONE) for model in self.models}

        def bounded(model: UUID, evidence: Evidence) -> Evidence:
            unproven = evidence in (Evidence.POSSIBLE, Evidence.UNKNOWN)
            return Evidence.MADE_BEFORE if unproven and model in too_old else evidence

        found = {model: Reached(bounded(model, self.trained(model, listed, until))) for model in self.models}
        for evidence in Evidence:
            waiting = [model for model, reached in found.items() if reached.evidence == evidence]
            while waiting:
                parent = waiting.pop()
                for child, most, link in self._carried.get(parent, ()):
                    weakest = bounded(child, max(evidence, most, key=STRENGTH.__getitem__))
                    if child in found and STRENGTH[weakest] < STRENGTH[found[child].evidence]:
                        found[child] = Reached(weakest, link)
                        if weakest == evidence:
                            waiting.append(child)
        return found

    def too_old(self, before: datetime | None, listed: Iterable[UUID]) -> frozenset[UUID]:
        """The model versions that were made `before`, as the runs said, so that they can't have learned from captures
        of which none is older (`lake.lineage.dates`); None: not known.

        Nor after a run began that named a dataset version which lists some of the captures: then they were there, or
        one of the clocks is wrong, and nothing shows which.
        """
        if before is None:
            return frozenset()
        bound = min([before, *(self.first_named[each] for each in listed if each in self.first_named)])
        return frozenset(model for model, at in self.made_by.items() if at < bound)

    def latest_before(self, before: datetime | None) -> datetime | None:
        """The earliest time before which the same model versions were made; None: there are none."""
        if before == dates.NEVER_ANY:
            return before
        latest = max((at for at in self.made_by.values() if before is not None and at < before), default=None)
        return latest and latest + timedelta(microseconds=1)

    @cached_property
    def _carried(self) -> Mapping[UUID, list[tuple[UUID, Evidence, Link | None]]]:
        """By model version: where it may have been carried over to, and the most that this proves."""
        found: dict[UUID, list[tuple[UUID, Evidence, Link | None]]] = defaultdict(list)
        for child, links in self.links.items():
            for link in links:
                found[link.parent].append((child, link.strength, link))
        for child, around in self.around.items():
            for parent in around.models - {child}:
                found[parent].append((child, Evidence.UNKNOWN, None))
        return found

    @staticmethod
    def inherited(link: Link, reached: Mapping[UUID, Reached]) -> Evidence:
        """How certain it is that something was carried over by a link."""
        parent = reached.get(link.parent, Reached(Evidence.NONE))
        return max(parent.evidence, link.strength, key=STRENGTH.__getitem__)

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


def _first_named(facts: Facts) -> dict[UUID, datetime]:
    found: dict[UUID, datetime] = {}
    for run, inputs in facts.inputs.items():
        began = facts.runs[run].began_by if run in facts.runs else None
        if began is not None:
            found |= {dataset: min(began, found.get(dataset, began)) for dataset, _ in inputs}
    return found


def _tuples(lists: Mapping[UUID, list[Any]]) -> dict[UUID, tuple[Any, ...]]:
    return {key: tuple(values) for key, values in lists.items()}
