"""The models of a person and the graph that they stand in, as the API tells them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from governance import answers, model_plans, model_states
from governance.model_plans import Planned
from governance.model_states import Standing, State
from lake.lineage import OURS
from lake.model_graph import STRENGTH, Model, Reading
from queries import Own
from queries.lineage import NOTHING, Lineage, Withdrawn

CAPTURES = "captures"


def models_of(person: Own) -> list[answers.OwnModel]:
    """Every model version that is known: the surest first, then those with most captures. Raises LakeUnavailable."""
    own, withdrawn = person.lineage_and_withdrawn()
    plans = model_plans.plans()
    standings = model_states.of_person(own, withdrawn, plans)
    found = [
        _model(own, withdrawn, model, standings[model.id], plans.get(model.id)) for model in own.graph.models.values()
    ]
    found.sort(key=lambda each: each.released_at, reverse=True)
    return sorted(found, key=lambda each: (STRENGTH[own.reached[each.model_version].evidence], -each.captures))


def lineage_of(person: Own) -> answers.Lineage:
    """Raises LakeUnavailable."""
    own, withdrawn = person.lineage_and_withdrawn()
    standings = model_states.of_person(own, withdrawn, model_plans.plans())
    nodes = list(_nodes(own, withdrawn, standings))
    known = {node.id for node in nodes}
    return answers.Lineage(
        nodes=nodes, edges=[edge for edge in _edges(own) if edge.source in known and edge.target in known]
    )


def plan(planned: Planned) -> answers.ModelPlan:
    return answers.ModelPlan(
        plan=planned.plan,
        by=planned.by,
        first_by=planned.first_by,
        made_at=planned.made_at,
        overdue=planned.overdue,
        ledger_entry=planned.entry,
    )


def _model(
    own: Lineage, withdrawn: Withdrawn, model: Model, stands: Standing, planned: Planned | None
) -> answers.OwnModel:
    share = own.models.get(model.id, NOTHING)
    links = own.graph.way(model.id, own.reached)
    return answers.OwnModel(
        model_version=model.id,
        model=model.model,
        version=model.version,
        purpose=model.purpose,
        owner=model.owner,
        released_at=model.released_at,
        retired_at=model.retired_at,
        evidence=own.reached[model.id].evidence,
        evidence_words=model_states.evidence_words(own, model.id),
        captures=share.captures,
        withdrawn=withdrawn.models.get(model.id, 0),
        kinds=[answers.KindCount(signal=signal, captures=captures) for signal, captures in share.kinds.items()],
        first_day=share.first_day,
        last_day=share.last_day,
        trained_on=[_reading(own, reading) for reading in own.graph.readings.get(model.id, ())],
        made_from=[
            answers.MadeFrom(
                model_version=link.parent,
                model=own.graph.models[link.parent].model,
                version=own.graph.models[link.parent].version,
                relation=link.relation,
            )
            for link in links
        ],
        in_use=[answers.UsedAt.model_validate(each) for each in own.graph.deployments.get(model.id, ())],
        state=stands.state,
        by=stands.by,
        overdue=stands.overdue,
        words=stands.words,
        newer=stands.newer.name if stands.newer else None,
        plan=plan(planned) if planned else None,
    )


def _reading(own: Lineage, reading: Reading) -> answers.TrainedOn:
    run = own.graph.runs.get(reading.run)
    dataset = own.graph.datasets[reading.dataset] if reading.dataset else None
    share = own.datasets.get(dataset.id, NOTHING) if dataset else NOTHING
    return answers.TrainedOn(
        run=reading.run,
        job=run.job if run else None,
        run_purpose=run.purpose if run else None,
        ended_at=run.ended_at if run else None,
        dataset_version=dataset.id if dataset else None,
        namespace=dataset.namespace if dataset else None,
        dataset=dataset.dataset if dataset else None,
        version=dataset.version if dataset else None,
        purpose=dataset.purpose if dataset else None,
        part=reading.part,
        manifest_root=dataset.manifest_root if dataset else None,
        evidence=own.evidence(reading),
        captures=share.captures,
        first_day=share.first_day,
        last_day=share.last_day,
    )


def _nodes(own: Lineage, withdrawn: Withdrawn, standings: dict[UUID, Standing]) -> Iterator[answers.LineageNode]:
    untrained = own.graph.untrained()
    yield answers.LineageNode(
        id=CAPTURES, kind="captures", name="your captures", evidence=None, captures=None, state=None
    )
    for dataset in own.graph.datasets.values():
        taken_out = dataset.id in untrained and dataset.id in withdrawn.datasets
        yield answers.LineageNode(
            id=str(dataset.id),
            kind="dataset",
            name=dataset.name if dataset.namespace == OURS else f"{dataset.namespace} {dataset.name}",
            evidence=own.dataset_evidence(dataset.id),
            captures=own.datasets.get(dataset.id, NOTHING).captures,
            state=State.EXCLUDED_BEFORE_TRAINING if taken_out else None,
        )
    for run in own.graph.runs.values():
        yield _node(str(run.id), "run", run.job)
    for model in own.graph.models.values():
        yield answers.LineageNode(
            id=str(model.id),
            kind="model",
            name=model.name,
            evidence=own.reached[model.id].evidence,
            captures=own.models.get(model.id, NOTHING).captures,
            state=standings[model.id].state,
        )
    places = {place.place for model in own.graph.models for place in own.graph.in_use(model)}
    for place in sorted(places):
        yield _node(f"place {place}", "place", place)


def _node(key: str, kind: str, name: str) -> answers.LineageNode:
    return answers.LineageNode(id=key, kind=kind, name=name, evidence=None, captures=None, state=None)


def _edges(own: Lineage) -> Iterator[answers.LineageEdge]:
    def edge(source: object, target: object, relation: str, evidence: str | None = None) -> answers.LineageEdge:
        return answers.LineageEdge(source=str(source), target=str(target), relation=relation, evidence=evidence)

    for dataset in own.graph.datasets:
        yield edge(CAPTURES, dataset, "listed", own.dataset_evidence(dataset))
    read = {}
    made = {}
    for model, readings in own.graph.readings.items():
        for reading in readings:
            made[reading.run, model] = edge(reading.run, model, "made")
            if reading.dataset is not None:
                read[reading.dataset, reading.run] = edge(reading.dataset, reading.run, "read", own.evidence(reading))
    yield from read.values()
    yield from made.values()
    for model, links in own.graph.links.items():
        for link in links:
            yield edge(link.parent, model, link.relation)
    for model in own.graph.models:
        for place in own.graph.in_use(model):
            yield edge(model, f"place {place.place}", "in_use")
