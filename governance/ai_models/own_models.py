"""The models of a person, as the API returns them: paginated, each with the best-proven of its training data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from governance import schemas
from governance.ai_models import plans as model_plans
from governance.ai_models import states
from governance.ai_models.plans import Planned
from governance.ai_models.states import Standing
from lake.lineage.model_graph import STRENGTH, Evidence, Model
from lake.lineage.model_readings import Reading
from queries import Own
from queries.lineage import NOTHING, Lineage, Withdrawn

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


LISTED = 10
"""How many entries are listed per model version: what it was trained on, made from, and where it is in use."""


def models_of(person: Own, page: Paging) -> list[schemas.OwnModel]:
    """The known model versions: best-proven first, then those with the most captures. Raises LakeUnavailable."""
    own, withdrawn = person.lineage_and_withdrawn()
    plans = model_plans.plans()
    wanted = page.of(in_order(own))
    standings = states.of_person(own, withdrawn, plans, wanted)
    return [_model(own, withdrawn, own.graph.models[model], standings[model], plans.get(model)) for model in wanted]


def datasets_of(person: Own, model_version: UUID, page: Paging) -> list[schemas.DatasetRead]:
    """Every dataset version that runs of a model version read, those with a manifest first.

    Raises NoSuchModel, LakeUnavailable.
    """
    found = person.datasets_read(model_version, page.offset, page.limit)
    if model_version not in found.own.graph.models:
        raise model_plans.NoSuchModel
    page.count(found.total)
    return [
        schemas.DatasetRead(
            **read,
            evidence=_evidence(found.own, model_version, read),
            captures=found.own.datasets.get(read["dataset_version"], NOTHING).captures,
        )
        for read in found.datasets
    ]


def _evidence(own: Lineage, model_version: UUID, read: dict[str, Any]) -> Evidence:
    """Some datasets without a manifest are in the graph only as members of a group."""
    readings = [each for each in own.graph.readings[model_version] if each.dataset == read["dataset_version"]]
    alike = [each for each in readings if each.part == read["part"]] or readings
    return min((own.evidence(each) for each in alike), key=STRENGTH.__getitem__, default=Evidence.POSSIBLE)


def in_order(own: Lineage) -> list[UUID]:
    """All model versions: best-proven first, then those with the most captures, then the newest."""
    newest = sorted(own.graph.models.values(), key=lambda each: each.released_at, reverse=True)

    def rank(model: Model) -> tuple[int, int]:
        return STRENGTH[own.reached[model.id].evidence], -own.models.get(model.id, NOTHING).captures

    return [model.id for model in sorted(newest, key=rank)]


def plan(planned: Planned) -> schemas.ModelPlan:
    return schemas.ModelPlan(
        plan=planned.plan,
        by=planned.by,
        first_by=planned.first_by,
        made_at=planned.made_at,
        overdue=planned.overdue,
        ledger_entry=planned.entry,
    )


def _model(
    own: Lineage, withdrawn: Withdrawn, model: Model, stands: Standing, planned: Planned | None
) -> schemas.OwnModel:
    share = own.models.get(model.id, NOTHING)
    links = list(own.graph.path(model.id, own.reached))
    readings = own.graph.readings.get(model.id, ())
    uses = own.graph.deployments.get(model.id, ())
    return schemas.OwnModel(
        model_version=model.id,
        model=model.model,
        version=model.version,
        purpose=model.purpose,
        owner=model.owner,
        released_at=model.released_at,
        retired_at=model.retired_at,
        evidence=own.reached[model.id].evidence,
        evidence_words=states.evidence_words(own, model.id),
        captures=share.captures,
        withdrawn=withdrawn.models.get(model.id, 0),
        at_least=share.at_least or model.id in withdrawn.at_least,
        kinds=[schemas.KindCount(signal=signal, captures=captures) for signal, captures in share.kinds.items()],
        first_day=share.first_day,
        last_day=share.last_day,
        trained_on=[_reading(own, reading) for reading in _surest(own, readings)],
        trained_on_total=len(readings),
        made_from=[
            schemas.MadeFrom(
                model_version=link.parent,
                model=own.graph.models[link.parent].model,
                version=own.graph.models[link.parent].version,
                relation=link.relation,
            )
            for link in links[:LISTED]
        ],
        made_from_total=len(links),
        in_use=[
            schemas.UsedAt.model_validate(each) for each in sorted(uses, key=lambda use: use.until is not None)[:LISTED]
        ],
        in_use_total=len(uses),
        state=stands.state,
        by=stands.by,
        overdue=stands.overdue,
        words=stands.words,
        newer=stands.newer.name if stands.newer else None,
        plan=plan(planned) if planned else None,
    )


def _surest(own: Lineage, readings: Sequence[Reading]) -> list[Reading]:
    """The readings of a model version that are included in the answer."""

    def rank(reading: Reading) -> tuple[int, int]:
        share = own.datasets.get(reading.dataset, NOTHING) if reading.dataset else NOTHING
        return STRENGTH[own.evidence(reading)], -share.captures

    return list(readings) if len(readings) <= LISTED else sorted(readings, key=rank)[:LISTED]


def _reading(own: Lineage, reading: Reading) -> schemas.TrainedOn:
    run = own.graph.runs.get(reading.run)
    dataset = own.graph.datasets[reading.dataset] if reading.dataset else None
    share = own.datasets.get(dataset.id, NOTHING) if dataset else NOTHING
    return schemas.TrainedOn(
        run=reading.run,
        job=run.job if run else None,
        run_purpose=run.purpose if run else None,
        ended_at=run.ended_at if run else None,
        dataset_version=dataset.id if dataset and dataset.members == 1 else None,
        namespace=dataset.namespace if dataset else None,
        dataset=dataset.dataset if dataset else None,
        version=dataset.version if dataset else None,
        datasets=dataset.members if dataset else 0,
        names=list(dataset.first) if dataset else [],
        purpose=dataset.purpose if dataset else None,
        part=reading.part,
        manifest_root=dataset.manifest_root if dataset else None,
        evidence=own.evidence(reading),
        captures=share.captures,
        first_day=share.first_day,
        last_day=share.last_day,
    )
