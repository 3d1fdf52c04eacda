"""Models for the privacy officer: how many people's withdrawn captures each has, and what is planned.

Counts only: no identities and no captured content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import clock
from directory import Employee
from governance import schemas
from governance.ai_models import plans as model_plans
from governance.ai_models.own_models import LISTED
from governance.ai_models.own_models import plan as told
from governance.ai_models.plans import Planned
from governance.domain.oneself import refuse_oneself
from governance.domain.plans import Plan
from lake.lineage.model_graph import Evidence, ModelGraph
from lake.rules import withdrawals
from languages import mark
from queries import lineage
from queries.connection import answering

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


UNSURE = {Evidence.POSSIBLE, Evidence.UNKNOWN}


def page_of(officer: Employee, page: Paging) -> list[schemas.OfficerModel]:
    """A page of the model versions, those with the most people's withdrawn captures first. Raises LakeUnavailable."""
    seen, plans = _Seen.now(), model_plans.plans()
    newest = sorted(seen.graph.models.values(), key=lambda each: each.released_at, reverse=True)
    ordered = sorted(
        newest,
        key=lambda each: (each.retired_at is not None, -len(seen.people.get(each.id, ())), not seen.maybe(each.id)),
    )
    return [seen.model(officer, each.id, plans) for each in page.of(ordered)]


def plan(officer: Employee, model_version: UUID, new: schemas.NewPlan) -> schemas.OfficerModel:
    """Raises NoSuchModel, DateNotInFuture, AboutOneself, LakeUnavailable."""
    seen = _Seen.now()
    if model_version not in seen.graph.models:
        raise model_plans.NoSuchModel(mark("Nothing was planned."))
    if officer.subject in seen.people.get(model_version, ()):
        refuse_oneself(officer, officer.subject)
    model_plans.make(officer, model_version, new.plan, new.by)
    return seen.model(officer, model_version, model_plans.plans())


def kept_and_missed(plans: Mapping[UUID, Planned]) -> tuple[dict[UUID, set[UUID]], dict[UUID, set[UUID]]]:
    """Of plans with a date, by model version: those that are kept, and those whose date has passed without evidence of
    that; each with the people whose withdrawn captures certainly went into it. Raises LakeUnavailable."""
    seen = _Seen.now()
    kept, missed = dict[UUID, set[UUID]](), dict[UUID, set[UUID]]()
    for key, planned in plans.items():
        if key in seen.graph.models and seen.people.get(key):
            if seen.is_kept(key, planned):
                kept[key] = seen.people[key]
            elif planned.overdue:
                missed[key] = seen.people[key]
    return kept, missed


class _Seen:
    """The graph, and whose withdrawn captures went into which model version, at one moment."""

    def __init__(self, graph: ModelGraph, withdrawn: Mapping[UUID, Mapping[UUID, datetime]]) -> None:
        self.graph = graph
        self.people, self._unsure = _people(graph, withdrawn)
        self._reached, self._whatever_is_listed = graph.reach(withdrawn), graph.reach(())

    @classmethod
    def now(cls) -> _Seen:
        return cls(*answering(lambda cursor: (lineage.graph(cursor), withdrawals.people_by_dataset(cursor))))

    def maybe(self, model: UUID) -> bool:
        return model in self._unsure or self._whatever_is_listed[model].evidence in UNSURE

    def is_kept(self, model: UUID, planned: Planned) -> bool:
        """Whether the model is out of use, or, unless that was promised, a later one was trained without them."""
        retired_at = self.graph.models[model].retired_at
        if retired_at is not None and retired_at <= clock.now_utc():
            return True
        return planned.plan != Plan.RETIRE and any(
            self._reached[each.id].evidence == Evidence.NONE for each in self.graph.newer(model)
        )

    def model(self, officer: Employee, key: UUID, plans: Mapping[UUID, Planned]) -> schemas.OfficerModel:
        model, planned = self.graph.models[key], plans.get(key)
        places = list(dict.fromkeys(each.place for each in self.graph.in_use(key)))
        later = [each.name for each in self.graph.newer(key) if self._reached[each.id].evidence == Evidence.NONE]
        return schemas.OfficerModel(
            model_version=key,
            model=model.model,
            version=model.version,
            purpose=model.purpose,
            owner=model.owner,
            released_at=model.released_at,
            retired_at=model.retired_at,
            places=places[:LISTED],
            places_total=len(places),
            people=len(self.people.get(key, ())),
            maybe=self.maybe(key),
            own=officer.subject in self.people.get(key, ()),
            newer=later[0] if later and self._reached[key].evidence != Evidence.NONE else None,
            plan=told(planned) if planned else None,
        )


def _people(
    graph: ModelGraph, withdrawn: Mapping[UUID, Mapping[UUID, datetime]]
) -> tuple[dict[UUID, set[UUID]], set[UUID]]:
    """By model version: whose withdrawn captures certainly went into it, through its own training or fine-tuning; and
    the model versions into which somebody's may have gone, such as those that the list of a dataset still names
    although they were withdrawn before the run began."""
    datasets: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
    for dataset, subjects in withdrawn.items():
        for subject, until in subjects.items():
            datasets[subject][dataset] = until
    found: dict[UUID, set[UUID]] = defaultdict(set)
    unsure = set[UUID]()
    for subject, listed in datasets.items():
        for model, reached in graph.reach(listed, listed).items():
            if reached.evidence == Evidence.PROVEN:
                found[model].add(subject)
            elif reached.evidence in UNSURE:
                unsure.add(model)
    return found, unsure
