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
    runs = [facts for run in history.around(new) if (facts := history.facts(run)) is not None]
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
        self._facts: dict[UUID, RunFacts | None] = {}
        self._mentions: dict[Model, list[Event]] = {}

    def of_ids(self, ids: Sequence[int]) -> list[Event]:
        return self._events(select(Row).where(Row.id.in_(ids)))

    def around(self, new: Iterable[Event]) -> list[UUID]:
        """The runs that new events may change: their own, the parents that read through them, and the children and the
        job's runs that inherit their purpose.
        """
        runs = {event.run for event in new if event.run is not None}
        runs |= {event.parent_run for event in new if event.parent_run is not None}
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
            self._runs[run] = self._events(select(Row).where(Row.run == run))
        return self._runs[run]

    def facts(self, run: UUID) -> RunFacts | None:
        """None: none of its own events has arrived; it is only named as a parent."""
        if run not in self._facts:
            own = self.of_run(run)
            children = self._children(run) if self._makes_unread(own) else ([], [])
            self._facts[run] = run_of(run, own, self._inherited(own, {run}), *children) if own else None
        return self._facts[run]

    def _children(self, run: UUID) -> tuple[list[Event], list[Event]]:
        """The events of its child runs: from services that reported the run itself, and from others."""
        services = select(Row.source).where(Row.run == run)
        children = select(Row).where(Row.parent_run == run)
        return (
            self._events(children.where(Row.source.in_(services))),
            self._events(children.where(Row.source.not_in(services))),
        )

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

    @staticmethod
    def _makes_unread(own: Sequence[Event]) -> bool:
        roles = {item.role for event in own for item in event.items}
        return Role.MADE in roles and Role.READ not in roles

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
