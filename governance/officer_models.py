"""Models for the privacy officer: of how many people they have captures that were withdrawn since, and what is planned.

Counts only; whose captures they are is not told, and nothing that was captured is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from directory import Employee
from governance import answers, model_plans
from governance.model_plans import Planned
from governance.oneself import refuse_oneself
from governance.own_models import plan as told
from lake import withdrawals
from lake.model_graph import Evidence, Model, ModelGraph, Reached
from queries import lineage
from queries.connection import answering

Looked = tuple[ModelGraph, dict[UUID, set[UUID]]]

UNSURE = {Evidence.POSSIBLE, Evidence.UNKNOWN}


class NoSuchModel(LookupError):
    """There is no such model version."""


def all_models(officer: Employee) -> list[answers.OfficerModel]:
    """Every model version, those with most people's withdrawn captures first. Raises LakeUnavailable."""
    graph, withdrawn = _look()
    plans = model_plans.plans()
    reached, whatever_is_listed = graph.reach(withdrawn), graph.reach(())
    people = _people(graph, withdrawn)
    found = []
    for model in graph.models.values():
        unsure = {reached[model.id].evidence, whatever_is_listed[model.id].evidence} & UNSURE
        whose = people.get(model.id, set())
        own = officer.subject in whose
        found.append(_model(graph, reached, model, len(whose), bool(unsure), own, plans.get(model.id)))
    found.sort(key=lambda each: each.released_at, reverse=True)
    return sorted(found, key=lambda each: (each.retired_at is not None, -each.people, not each.maybe))


def plan(officer: Employee, model_version: UUID, new: answers.NewPlan) -> answers.OfficerModel:
    """Raises NoSuchModel, NotToCome, AboutOneself, LakeUnavailable."""
    graph, withdrawn = _look()
    if model_version not in graph.models:
        raise NoSuchModel("There is no such model version. Nothing was planned.")
    if officer.subject in _people(graph, withdrawn).get(model_version, ()):
        refuse_oneself(officer, officer.subject)
    model_plans.make(officer, model_version, new.plan, new.by)
    return next(each for each in all_models(officer) if each.model_version == model_version)


def _look() -> Looked:
    return answering(lambda cursor: (lineage.graph(cursor), withdrawals.people_by_dataset(cursor)))


def _people(graph: ModelGraph, withdrawn: Mapping[UUID, set[UUID]]) -> dict[UUID, set[UUID]]:
    """By model version: whose withdrawn captures provably went into it, by its own training or by fine-tuning."""
    datasets: dict[UUID, set[UUID]] = defaultdict(set)
    for dataset, subjects in withdrawn.items():
        for subject in subjects:
            datasets[subject].add(dataset)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for subject, listed in datasets.items():
        for model, reached in graph.reach(listed).items():
            if reached.evidence == Evidence.PROVEN:
                found[model].add(subject)
    return found


def _model(
    graph: ModelGraph,
    reached: Mapping[UUID, Reached],
    model: Model,
    people: int,
    maybe: bool,
    own: bool,
    planned: Planned | None,
) -> answers.OfficerModel:
    later = [each.name for each in graph.newer(model.id) if reached[each.id].evidence == Evidence.NONE]
    return answers.OfficerModel(
        model_version=model.id,
        model=model.model,
        version=model.version,
        purpose=model.purpose,
        owner=model.owner,
        released_at=model.released_at,
        retired_at=model.retired_at,
        places=[each.place for each in graph.in_use(model.id)],
        people=people,
        maybe=maybe,
        own=own,
        newer=later[0] if later and reached[model.id].evidence != Evidence.NONE else None,
        plan=told(planned) if planned else None,
    )
