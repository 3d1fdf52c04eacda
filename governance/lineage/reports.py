"""What the lake keeps of a run, from the facts about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from governance.lineage.events import Item
from governance.lineage.facts import RunFacts
from lake.lineage.graph import Run
from lake.lineage.reported import Detail, Heard, Model, Named, Recognised, Report


def named(runs: Iterable[RunFacts]) -> dict[Named, Heard]:
    """Everything that the runs read, and when we first heard of it."""
    found: dict[Named, Heard] = {}
    for run in runs:
        for reference, at in run.first_named.items():
            known = found.get(reference)
            found[reference] = Heard(run.origin, at if known is None else min(at, known.at))
    return found


def report(facts: RunFacts, datasets: dict[Named, Recognised], keys: dict[Model, UUID]) -> Report:
    """The run, what it read itself and what it made."""
    run = Run(facts.job, facts.state, facts.started_at, facts.ended_at, facts.purpose, facts.origin, facts.run)
    inputs = frozenset((dataset, item.part) for item in facts.read for dataset in _meant(facts, item, datasets))
    made = {(item.name, item.version) for item in facts.made}
    return Report(run, inputs, frozenset(keys[model] for model in made if model in keys))


def detail(facts: RunFacts, datasets: dict[Named, Recognised], told: Mapping[UUID, datetime]) -> Detail:
    """What else to keep of a run. A reading proves nothing if it was not for training, or may mean two datasets, or one
    whose root the ledger did not have when the run began. `told`: since when it has it, by dataset version."""
    unproven = dict.fromkeys((key for item in facts.unproven for key in _meant(facts, item, datasets)), False)
    for item in facts.read:
        meant = _meant(facts, item, datasets)
        late = datasets[item.namespace, item.name, item.version].told_after(facts.seen_at, told)
        unproven |= {key: key in late for key in meant if len(meant) > 1 or key in late}
    said: set[tuple[str, str, str | None, str]] = {
        (named.model, named.version, named.relation, "") for named in facts.named
    }
    said |= {(model, "", None, alias) for model, alias in facts.aliases}
    implied: set[tuple[str, str, str | None, str]] = {(item.name, item.version, None, "") for item in facts.made}
    made = {(item.name, item.version) for item in facts.made}
    implied |= {
        (item.name, item.version, item.relation or "derived", "")
        for item in facts.parents
        if made - {(item.name, item.version)}
    }
    return Detail(
        facts.run,
        frozenset(facts.part_of.items()),
        frozenset(said - implied),
        frozenset(said),
        unproven,
    )


def _meant(facts: RunFacts, item: Item, datasets: dict[Named, Recognised]) -> tuple[UUID, ...]:
    named = (item.namespace, item.name, item.version)
    return datasets[named].at(facts.first_named[named])
