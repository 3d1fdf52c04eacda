"""What some events affect, recomputed from all existing events about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from governance.lineage.events import Event, Item, Kind, Role
from governance.lineage.facts import ModelFacts, RunFacts, end_of, model_of, purpose_of, run_of
from governance.lineage.tables import LineageEventRow as Row
from governance.lineage.tables import LineageItemRow as ItemRow
from lake.lineage.graph import Relation, RunState

AT_ONCE = 500
GENERATIONS = 5
"""How many levels of parents a run searches for a declared purpose."""

Model = tuple[str, str]


@dataclass(frozen=True)
class Touched:
    runs: tuple[RunFacts, ...]
    models: dict[Model, ModelFacts]
    parents: dict[Model, set[tuple[Model, Relation]]]
    declared: tuple[Item, ...]
    """Datasets with a declared purpose."""


def by(session: Session, events: Sequence[int]) -> Touched:
    """What the events with these ids affect."""
    history = _History(session)
    new = history.of_ids(events)
    runs = [facts for run in history.around(new, events) if (facts := history.facts(run)) is not None]
    named = [item for event in new for item in event.items]
    named += [item for facts in runs for item in (*facts.made, *facts.parents)]
    named += [item for facts in runs for event in history.of_run(facts.run) for item in event.items]
    models, parents = _models(history, {(item.name, item.version) for item in named if item.role in _OF_MODELS})
    declared = dict.fromkeys(item for item in named if item.role is Role.WROTE and item.purpose is not None)
    return Touched(tuple(runs), models, parents, tuple(declared))


_OF_MODELS = (Role.MADE, Role.DEPLOYED)


def _models(
    history: _History, named: set[Model]
) -> tuple[dict[Model, ModelFacts], dict[Model, set[tuple[Model, Relation]]]]:
    """The models, and everything that they were made from, at any depth."""
    models: dict[Model, ModelFacts] = {}
    parents: dict[Model, set[tuple[Model, Relation]]] = defaultdict(set)
    left, seen = sorted(named), set(named)
    made_from: set[Model] = set()
    while left:
        model = left.pop()
        mentions = history.mentions(model)
        for run in {event.run for event in mentions if event.run is not None}:
            facts = history.facts(run)
            if facts is None or model not in {(item.name, item.version) for item in facts.made}:
                continue
            for item in facts.parents:
                parent = (item.name, item.version)
                parents[model].add((parent, Relation(item.relation or Relation.DERIVED)))
                made_from.add(parent)
                if parent not in seen:
                    seen.add(parent)
                    left.append(parent)
    for model in sorted(seen):
        mentions = history.mentions(model)
        completed = history.completed({event.run for event in mentions if event.run is not None})
        since = history.known_since(model) if model in made_from else None
        facts_of_model = model_of(*model, mentions, completed, since)
        if facts_of_model is not None:
            models[model] = facts_of_model
    return models, parents


class _History:
    """The events on disk; each run is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._runs: dict[UUID, list[Event]] = {}
        self._sources: dict[UUID, list[tuple[int, str]]] = {}
        self._facts: dict[UUID, RunFacts | None] = {}
        self._mentions: dict[Model, list[Event]] = {}

    def of_ids(self, ids: Sequence[int]) -> list[Event]:
        return self._events(select(Row).where(Row.id.in_(ids)))

    def around(self, new: Iterable[Event], ids: Sequence[int]) -> list[UUID]:
        """The runs that new events (with these ids) may change: their own, the children and the job's runs that inherit
        their purpose, and the children of a run that another service reports from now on.
        """
        runs = {event.run for event in new if event.run is not None}
        runs |= self._parts_of([run for run in runs if self._has_new_source(run, set(ids))])
        jobs = self._newly_declared([event for event in new if event.kind is Kind.JOB])
        if jobs:
            runs |= self._run_keys(Row.job, jobs)
        declaring = {event.run for event in new if event.purpose is not None and event.run is not None}
        if jobs:
            declaring |= runs
        for _ in range(GENERATIONS):
            if not declaring:
                break
            declaring = self._run_keys(Row.parent_run, sorted(declaring)) - runs
            runs |= declaring
        return sorted(runs)

    def of_run(self, run: UUID) -> list[Event]:
        if run not in self._runs:
            rows = self._session.scalars(select(Row).where(Row.run == run)).all()
            self._runs[run] = [row.event() for row in rows]
            self._sources[run] = [(row.id, row.source) for row in rows]
        return self._runs[run]

    def facts(self, run: UUID) -> RunFacts | None:
        """None: none of its own events has arrived; it is only named as a parent."""
        if run not in self._facts:
            own = self.of_run(run)
            self._facts[run] = run_of(run, own, self._inherited(own, {run}), self._part_of(run)) if own else None
        return self._facts[run]

    def _part_of(self, run: UUID) -> dict[UUID, bool]:
        """The runs that it belongs to, and whether every service that reported it reported those, too."""
        parents = {parent for event in self.of_run(run) for parent in event.part_of} - {run}
        return {parent: self._services(run) <= self._services(parent) for parent in parents}

    def _services(self, run: UUID) -> set[str]:
        return {source for _, source in self._sources_of(run)}

    def _has_new_source(self, run: UUID, new: set[int]) -> bool:
        before = {source for key, source in self._sources_of(run) if key not in new}
        return not self._services(run) <= before

    def _sources_of(self, run: UUID) -> list[tuple[int, str]]:
        self.of_run(run)
        return self._sources[run]

    def _parts_of(self, runs: Sequence[UUID]) -> set[UUID]:
        """The runs that name one of these as theirs."""
        if not runs:
            return set()
        named = select(ItemRow.event_id).where(
            ItemRow.role == Role.PART_OF.value, ItemRow.name.in_([str(run) for run in runs])
        )
        others = self._session.scalars(select(Row.run).where(Row.id.in_(named)).distinct())
        return self._run_keys(Row.parent_run, runs) | {run for run in others if run is not None}

    def completed(self, runs: Iterable[UUID]) -> dict[UUID, datetime]:
        ends = {run: end_of(self.of_run(run)) for run in runs}
        return {run: at for run, (state, at) in ends.items() if state is RunState.COMPLETED and at is not None}

    def mentions(self, model: Model) -> list[Event]:
        """The events that say that it was made, retired or deployed."""
        if model not in self._mentions:
            name, version = model
            items = select(ItemRow.event_id).where(
                ItemRow.name == name,
                ItemRow.version == version,
                ItemRow.role.in_([role.value for role in _OF_MODELS]),
            )
            self._mentions[model] = self._events(select(Row).where(Row.id.in_(items)))
        return self._mentions[model]

    def known_since(self, model: Model) -> datetime | None:
        """When it was first named as what another model was made from."""
        name, version = model
        found: datetime | None = self._session.scalar(
            select(func.min(Row.at))
            .join(ItemRow, ItemRow.event_id == Row.id)
            .where(ItemRow.name == name, ItemRow.version == version, ItemRow.role == Role.PARENT.value)
        )
        return found

    def _inherited(self, own: Sequence[Event], seen: set[UUID]) -> str | None:
        jobs = {event.job for event in own if event.job is not None}
        of_job = self._events(select(Row).where(Row.kind == Kind.JOB.value, Row.job.in_(sorted(jobs))))
        purpose = purpose_of(of_job)
        if purpose is not None or len(seen) > GENERATIONS:
            return purpose
        for parent in sorted({event.parent_run for event in own if event.parent_run is not None} - seen):
            theirs = self.of_run(parent)
            purpose = purpose_of(theirs) or self._inherited(theirs, {*seen, parent})
            if purpose is not None:
                return purpose
        return None

    def _newly_declared(self, new: Sequence[Event]) -> list[str]:
        """The jobs whose purpose changes with the new events."""
        jobs = sorted({event.job for event in new if event.job is not None})
        keys = {event.key() for event in new}
        changed = []
        for job in jobs:
            told = self._events(select(Row).where(Row.kind == Kind.JOB.value, Row.job == job))
            if purpose_of(told) != purpose_of(event for event in told if event.key() not in keys):
                changed.append(job)
        return changed

    def _run_keys(self, column: InstrumentedAttribute[Any], values: Sequence[Any]) -> set[UUID]:
        found: set[UUID] = set()
        for start in range(0, len(values), AT_ONCE):
            some = values[start : start + AT_ONCE]
            keys = self._session.scalars(select(Row.run).where(column.in_(some)).distinct())
            found |= {run for run in keys if run is not None}
        return found

    def _events(self, query: Select[Row]) -> list[Event]:
        return [row.event() for row in self._session.scalars(query)]
