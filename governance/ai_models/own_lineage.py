"""The lineage graph of a person's models, as the API returns it.

Model versions are drawn with what leads to them, in the order of `own_models`, while there is room: however many events
pipelines sent, the answer has at most `MOST_EDGES` edges and `MOST_ALONE` unconnected datasets.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from governance import schemas
from governance.ai_models import plans, states
from governance.ai_models.own_models import in_order
from governance.ai_models.states import Standing, State
from lake.lineage.graph import OURS
from lake.lineage.read_datasets import Dataset
from queries import Own
from queries.lineage import NOTHING, Lineage, Withdrawn

CAPTURES = "captures"
MOST_EDGES = 1000
MOST_ALONE = 100
"""How many datasets without a resulting model version are drawn."""
MOST_OF_ONE = 100
"""How many edges lead to one model version."""

Edges = dict[tuple[str, str, str], schemas.LineageEdge]


def lineage_of(person: Own) -> schemas.Lineage:
    """Raises LakeUnavailable."""
    own, withdrawn = person.lineage_and_withdrawn()
    models, edges = _drawn(own)
    standings = states.of_person(own, withdrawn, plans.plans(), models)
    datasets = _datasets(own, edges)
    edges |= {_key(edge): edge for edge in (_listed(own, dataset.id) for dataset in datasets)}
    nodes = list(_nodes(own, withdrawn, standings, datasets, edges))
    known = {node.id for node in nodes}
    return schemas.Lineage(
        nodes=nodes,
        edges=[edge for edge in edges.values() if edge.source in known and edge.target in known],
        left_out=len(own.graph.models) - len(models),
    )


def _drawn(own: Lineage) -> tuple[list[UUID], Edges]:
    """The model versions that fit, and the edges to and from each."""
    models: list[UUID] = []
    edges: Edges = {}
    for model in in_order(own):
        more = {_key(edge): edge for edge in islice(_edges_of(own, model), MOST_OF_ONE)}
        if len(edges.keys() | more.keys()) > MOST_EDGES:
            break
        models.append(model)
        edges |= more
    return models, edges


def _edges_of(own: Lineage, model: UUID) -> Iterator[schemas.LineageEdge]:
    for reading in own.graph.readings.get(model, ()):
        if reading.dataset is not None:
            yield _edge(reading.dataset, reading.run, "read", own.evidence(reading))
        yield _edge(reading.run, model, "made")
    for link in own.graph.links.get(model, ()):
        yield _edge(link.parent, model, link.relation)
    for place in own.graph.in_use(model):
        yield _edge(model, f"place {place.place}", "in_use")


def _edge(source: object, target: object, relation: str, evidence: str | None = None) -> schemas.LineageEdge:
    return schemas.LineageEdge(source=str(source), target=str(target), relation=relation, evidence=evidence)


def _key(edge: schemas.LineageEdge) -> tuple[str, str, str]:
    return edge.source, edge.target, edge.relation


def _listed(own: Lineage, dataset: UUID) -> schemas.LineageEdge:
    return _edge(CAPTURES, dataset, "listed", own.dataset_evidence(dataset))


def _datasets(own: Lineage, edges: Edges) -> list[Dataset]:
    """The datasets that lead to a drawn model version, and some of those that led to no model version."""
    read = {edge.source for edge in edges.values() if edge.relation == "read"}
    untrained = own.graph.untrained()
    alone = sorted(untrained, key=lambda dataset: (dataset not in own.datasets, str(dataset)))[:MOST_ALONE]
    return [each for each in own.graph.datasets.values() if str(each.id) in read or each.id in alone]


def _nodes(
    own: Lineage, withdrawn: Withdrawn, standings: dict[UUID, Standing], datasets: list[Dataset], edges: Edges
) -> Iterator[schemas.LineageNode]:
    untrained = own.graph.untrained()
    yield schemas.LineageNode(
        id=CAPTURES, kind="captures", name="your records", evidence=None, captures=None, state=None
    )
    for dataset in datasets:
        taken_out = dataset.id in untrained and dataset.id in withdrawn.datasets
        ours = dataset.namespace in (OURS, "")
        yield schemas.LineageNode(
            id=str(dataset.id),
            kind="dataset",
            name=dataset.full_name if ours else f"{dataset.namespace} {dataset.name}",
            evidence=own.dataset_evidence(dataset.id),
            captures=own.datasets.get(dataset.id, NOTHING).captures,
            state=State.EXCLUDED_BEFORE_TRAINING if taken_out else None,
        )
    runs = {edge.source for edge in edges.values() if edge.relation == "made"}
    for run in own.graph.runs.values():
        if str(run.id) in runs:
            yield _node(str(run.id), "run", run.job)
    for model, stands in standings.items():
        yield schemas.LineageNode(
            id=str(model),
            kind="model",
            name=own.graph.models[model].name,
            evidence=own.reached[model].evidence,
            captures=own.models.get(model, NOTHING).captures,
            state=stands.state,
        )
    for place in sorted({edge.target for edge in edges.values() if edge.relation == "in_use"}):
        yield _node(place, "place", place.removeprefix("place "))


def _node(key: str, kind: str, name: str) -> schemas.LineageNode:
    return schemas.LineageNode(id=key, kind=kind, name=name, evidence=None, captures=None, state=None)
