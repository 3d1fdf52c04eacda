"""Which runs belong together, and what each model version may have, or certainly has, learned from.

A run may name other runs, of which it is a part, as its parent or root, in any of its events. Everything that a run
which names a model version as made has read, or a part of it at any depth, may be in the model: whatever became of the
run, and whichever of its names the model has there. What the runs around it read, those that it is a part of and their
other parts, is not its own, but it is unknown what they handed on. So is what the
parts of `UNKNOWN_RUN` read: nobody knows which run they belong to.

Only this is certain: what the one run that completed and made the version read itself, or what its only part read that
completed. Nothing is certain as long as another run that names the version may still complete it.

A family may be large: what is beyond `MOST_RUNS` runs is not read, and counts as unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from lake.lineage.graph import UNKNOWN_RUN, Relation
from lake.lineage.model_names import UNVERSIONED, Name, Names
from lake.lineage.model_readings import Input, Source

COMPLETED, STARTED = "completed", "started"
MOST_RUNS = 1000

Value = TypeVar("Value")
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Ran:
    """A run's state and times (naive UTC)."""

    state: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def began_by(self) -> datetime | None:
        """It began then or earlier; None: not known."""
        return min((at for at in (self.started_at, self.ended_at) if at is not None), default=None)


@dataclass(frozen=True)
class Around:
    """What the runs around those of a model version read. `unknown`: also something whose contents nobody knows."""

    unknown: bool = False
    datasets: frozenset[UUID] = frozenset()
    """Those with a manifest."""
    models: frozenset[UUID] = frozenset()

    def with_(self, other: Around) -> Around:
        return Around(self.unknown or other.unknown, self.datasets | other.datasets, self.models | other.models)


NOTHING_AROUND = Around()


@dataclass(frozen=True)
class Facts:
    """What the lake has on runs: as `lake/sql/model_graph.sql` returns it, by run unless it says otherwise."""

    runs: Mapping[UUID, Ran]
    inputs: Mapping[UUID, Sequence[Input]]
    outputs: Mapping[UUID, Sequence[UUID]]
    parents: Mapping[UUID, Sequence[tuple[UUID, bool]]]
    named: Mapping[UUID, Sequence[tuple[Name, str | None]]]
    """Model versions, and the relation to one that it read; None: as made."""
    aliases: Sequence[tuple[str, str]]
    unproven: Mapping[tuple[UUID, UUID], bool]
    """Runs, and dataset versions that they read without proving anything; True: the ledger had its root only after the
    run began."""
    models: Mapping[UUID, Name]
    made_from: Mapping[UUID, Sequence[tuple[UUID, Relation]]]
    """By model version."""
    listed: frozenset[UUID]
    """The dataset versions with a manifest."""

    @classmethod
    def of(cls, listed: frozenset[UUID], *parts: Rows) -> Facts:
        """From the lists of the lake's answer: runs, models, inputs, outputs, parents, parts, named, unproven."""
        runs, models, inputs, outputs, parents, parts_of, named, unproven = parts
        return cls(
            runs={each["id"]: Ran(each["state"], each["started_at"], each["ended_at"]) for each in runs},
            inputs=_by(inputs, "run", lambda each: (each["dataset_version"], each["part"])),
            outputs=_by(outputs, "run", lambda each: each["model_version"]),
            parents=_by(parts_of, "run", lambda each: (each["parent"], each["own"])),
            named=_by(
                [each for each in named if not each["alias"]],
                "run",
                lambda each: ((each["model"], each["version"]), each["relation"]),
            ),
            aliases=[(each["model"], each["alias"]) for each in named if each["alias"]],
            unproven={(each["run"], each["dataset_version"]): each["too_early"] for each in unproven},
            models={each["id"]: (each["model"], each["version"]) for each in models},
            made_from=_by(parents, "model_version", lambda each: (each["parent"], Relation(each["relation"]))),
            listed=listed,
        )


@dataclass(frozen=True)
class _Family:
    """The parts of a run, itself included, and the runs around them."""

    parts: tuple[UUID, ...]
    doubted: frozenset[UUID]
    """Parts that only another service says are some."""
    around: tuple[UUID, ...]
    whole: bool


class Families:
    """All by model version: what it may have read, what it may have been made from, and what lies around."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._parts: dict[UUID, list[tuple[UUID, bool]]] = defaultdict(list)
        for run, parents in facts.parents.items():
            for parent, own in parents:
                self._parts[parent].append((run, own))
        self._families: dict[UUID, _Family] = {}
        self._around: dict[tuple[UUID, ...], Around] = {}
        self._ended: dict[tuple[UUID, ...], datetime | None] = {}
        self._known_as = Names(facts.aliases, facts.models)
        self._lost = self._read_by_lost()
        self._makers, self._direct = self._who_made()
        self.sources: dict[UUID, tuple[Source, ...]] = {}
        self.links: dict[UUID, tuple[tuple[UUID, Relation, bool], ...]] = {}
        """What it may have been made from; True: certainly, and its weights were carried over if it was fine-tuned."""
        self.around: dict[UUID, Around] = {}
        self.made_by: dict[UUID, datetime] = {}
        """Everything that may have had a part in it had ended by then, as the runs said; if not there: not known."""
        for model, (_, version) in facts.models.items():
            if model in self._makers:
                self.sources[model] = self._sources_of(model)
                made_by = self._ended_by(self._makers[model])
                if made_by is not None and version != UNVERSIONED and model in self._direct:
                    self.made_by[model] = made_by
                around = self._around_of(model)
                if around != NOTHING_AROUND:
                    self.around[model] = around
            if links := self._links_of(model):
                self.links[model] = links

    def _who_made(self) -> tuple[dict[UUID, tuple[UUID, ...]], set[UUID]]:
        """The runs that name a model version, and the model versions that one names without an alias."""
        makers: dict[UUID, dict[UUID, None]] = defaultdict(dict)
        direct = set()
        for run, names in self._made_names().items():
            for name in names:
                for model in self._known_as.meant(name, names):
                    makers[model][run] = None
                    if self._facts.models[model] == name:
                        direct.add(model)
        return {model: tuple(runs) for model, runs in makers.items()}, direct

    def _made_names(self) -> dict[UUID, set[Name]]:
        """The model versions that each run names as made."""
        found: dict[UUID, set[Name]] = defaultdict(set)
        for run, made in self._facts.outputs.items():
            found[run] |= {self._facts.models[model] for model in made if model in self._facts.models}
        for run, named in self._facts.named.items():
            found[run] |= {name for name, relation in named if relation is None}
        return found

    def _maker(self, model: UUID) -> UUID | None:
        """The one run that made it for certain, and says so without an alias."""
        if model not in self._direct:
            return None
        states = {run: self._state(run) for run in self._makers.get(model, ())}
        completed = [run for run, state in states.items() if state == COMPLETED]
        return completed[0] if len(completed) == 1 and STARTED not in states.values() else None

    def _state(self, run: UUID) -> str:
        return self._facts.runs[run].state if run in self._facts.runs else STARTED

    def _sources_of(self, model: UUID) -> tuple[Source, ...]:
        families = {maker: self._family(maker) for maker in self._makers[model]}
        runs = dict.fromkeys(
            run
            for maker, family in families.items()
            for run in family.parts
            if run != maker or run in self._facts.inputs or len(family.parts) == 1
        )
        doubted = {run for family in families.values() for run in family.doubted}
        more = {
            maker
            for maker, family in families.items()
            if not family.whole or model not in self._direct or self._reads_unknown_models(family, model)
        }
        proving = self._proving(model)
        return tuple(
            Source(run, run in doubted, run in proving, run in more) for run in runs | dict.fromkeys(sorted(more))
        )

    def _proving(self, model: UUID) -> set[UUID]:
        """The runs whose reading is certain."""
        maker = self._maker(model)
        if maker is None:
            return set()
        parts = dict(self._parts.get(maker, ()))
        only = [part for part, own in parts.items() if own and self._state(part) == COMPLETED]
        return {maker, *only} if len(parts) == 1 else {maker}

    def _family(self, run: UUID) -> _Family:
        if run not in self._families:
            own, whole = self._below([run], own_only=True)
            every, all_whole = self._below([run], own_only=False) if self._parts.get(run) else (own, whole)
            above: dict[UUID, None] = {}
            waiting = [run]
            while waiting and len(above) < MOST_RUNS:
                for parent, _ in self._facts.parents.get(waiting.pop(), ()):
                    if parent not in above and parent != UNKNOWN_RUN:
                        above[parent] = None
                        waiting.append(parent)
            around, around_whole = self._below(list(above), own_only=False) if above else ({}, True)
            self._families[run] = _Family(
                parts=tuple(every),
                doubted=frozenset(every.keys() - own.keys()),
                around=tuple(each for each in around if each not in every),
                whole=whole and all_whole and around_whole and not waiting,
            )
        return self._families[run]

    def _below(self, runs: Sequence[UUID], *, own_only: bool) -> tuple[dict[UUID, None], bool]:
        """These runs and their parts at any depth, and whether those are all."""
        found = dict.fromkeys(runs)
        waiting = list(runs)
        while waiting:
            if len(found) > MOST_RUNS:
                return found, False
            for part, own in self._parts.get(waiting.pop(), ()):
                if part not in found and (own or not own_only):
                    found[part] = None
                    waiting.append(part)
        return found, True

    def _around_of(self, model: UUID) -> Around:
        makers = self._makers[model]
        if makers not in self._around:
            runs = dict.fromkeys(run for maker in makers for run in self._family(maker).around)
            self._around[makers] = self._lost if not runs else self._lost.with_(self._read_around(runs))
        return self._around[makers]

    def _ended_by(self, makers: tuple[UUID, ...]) -> datetime | None:
        """When the last of these runs, their parts and the runs around them ended; None: one of them may still run."""
        if makers not in self._ended:
            families = [self._family(maker) for maker in makers]
            lost, whole = self._below([UNKNOWN_RUN], own_only=False)
            runs = {run for family in families for run in (*family.parts, *family.around)} | lost.keys()
            ends = [
                self._facts.runs[run].ended_at if self._state(run) != STARTED else None for run in runs - {UNKNOWN_RUN}
            ]
            known = [at for at in ends if at is not None]
            all_known = whole and len(known) == len(ends) and all(family.whole for family in families)
            self._ended[makers] = max(known, default=None) if all_known else None
        return self._ended[makers]

    def _read_by_lost(self) -> Around:
        """What the runs read of which nobody knows to which others they belong."""
        if UNKNOWN_RUN not in self._parts:
            return NOTHING_AROUND
        lost, whole = self._below([UNKNOWN_RUN], own_only=False)
        return self._read_around(lost).with_(Around(unknown=not whole))

    def _read_around(self, runs: Iterable[UUID]) -> Around:
        pairs = {(run, dataset) for run in runs for dataset, _ in self._facts.inputs.get(run, ())}
        early = any(self._facts.unproven.get(pair) for pair in pairs)
        read = {dataset for _, dataset in pairs}
        models, known = self._read_models(runs)
        return Around(
            early or bool(read - self._facts.listed) or not known,
            frozenset(read & self._facts.listed),
            frozenset(models),
        )

    def _read_models(self, runs: Iterable[UUID], but: UUID | None = None) -> tuple[dict[UUID, Relation], bool]:
        """The model versions that runs may have read, and whether all that they name are known; `but` one."""
        found: dict[UUID, Relation] = {}
        known = True
        for run in runs:
            for made in self._facts.outputs.get(run, ()):
                found |= {parent: Relation.DERIVED for parent, _ in self._facts.made_from.get(made, ())}
            for name, relation in self._facts.named.get(run, ()):
                if relation is not None:
                    versions = self._known_as.called(name)
                    known = known and bool(versions)
                    found |= dict.fromkeys(versions, Relation(relation))
        for read in list(found):
            if self._facts.models.get(read, ("", ""))[1] == UNVERSIONED:
                found |= dict.fromkeys(self._known_as.every_version(read), found[read])
        if but is not None:
            found.pop(but, None)
        return found, known

    def _reads_unknown_models(self, family: _Family, model: UUID) -> bool:
        models, known = self._read_models(family.parts, model)
        doubted, _ = self._read_models(family.doubted, model)
        return not known or bool(doubted) or any(each not in self._facts.models for each in models)

    def _links_of(self, model: UUID) -> tuple[tuple[UUID, Relation, bool], ...]:
        told: dict[UUID, list[Relation]] = defaultdict(list)
        for parent, relation in self._facts.made_from.get(model, ()):
            told[parent].append(relation)
        sure = {
            (parent, relation): set(relations) == {relation} and self._carried_over(parent, model)
            for parent, relations in told.items()
            for relation in relations
        }
        parts = dict.fromkeys(part for maker in self._makers.get(model, ()) for part in self._family(maker).parts)
        maybe, _ = self._read_models(parts, model)
        links = [(parent, relation, certain) for (parent, relation), certain in sure.items()]
        return tuple(links + [(parent, how, False) for parent, how in maybe.items() if parent not in told])

    def _carried_over(self, parent: UUID, model: UUID) -> bool:
        """Whether the parent was ready before the model's run began, so that it can be what that run read."""
        made, used = self._maker(parent), self._maker(model)
        if made is None or used is None:
            return False
        if self._facts.models.get(parent, ("", ""))[1] == UNVERSIONED and len(self._known_as.every_version(parent)) > 1:
            return False
        ended, begun = self._facts.runs[made].ended_at, self._facts.runs[used]
        return ended is not None and begun.started_at is not None and ended <= (begun.began_by or begun.started_at)


def _by(rows: Rows, name: str, value: Callable[[dict[str, Any]], Value]) -> dict[UUID, list[Value]]:
    """The rows' values, grouped by a key."""
    found: dict[UUID, list[Value]] = defaultdict(list)
    for each in rows:
        found[each[name]].append(value(each))
    return dict(found)
