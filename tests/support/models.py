"""Graphs of models for tests without a lake: model versions by number, later ones higher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lake.lineage.graph import Relation
from lake.lineage.model_graph import Deployment, Link, Model, ModelGraph, Run
from lake.lineage.model_readings import Reading
from lake.lineage.read_datasets import Dataset
from queries.lineage import Lineage
from queries.shares import Share

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).replace(tzinfo=None)
MINE, OTHERS, UNLISTED = (UUID(int=number) for number in (101, 102, 103))
TRAINING = UUID(int=99)
FINE_TUNED, DISTILLED, DERIVED = Relation.FINE_TUNED, Relation.DISTILLED, Relation.DERIVED

Parents = Mapping[int, Sequence[tuple[int, Relation]]]


def read(dataset: UUID | None, part: str | None = None, run: UUID = TRAINING) -> Reading:
    return Reading(run, dataset, part)


def key(number: int) -> UUID:
    return UUID(int=number)


def graph(
    trained_on: Mapping[int, Sequence[Reading]],
    parents: Parents | None = None,
    *,
    names: Mapping[int, str] | None = None,
    retired: Sequence[int] = (),
    places: Mapping[int, Sequence[str]] | None = None,
) -> ModelGraph:
    """`trained_on`: what each read; `names`: other models than Sable. The dataset UNLISTED has no manifest."""
    models = [
        Model(
            key(number), (names or {}).get(number, "Sable"), str(number), None, None, "open-book",
            NOON + timedelta(number), NOON + timedelta(number) if number in retired else None,
        )
        for number in sorted(trained_on)
    ]  # fmt: skip
    datasets = [
        Dataset(
            each, "open-book", "actions", str(each.int), None, "open-book", NOON, None if each == UNLISTED else "00"
        )
        for each in (MINE, OTHERS, UNLISTED)
    ]
    children: dict[UUID, list[tuple[UUID, Relation]]] = defaultdict(list)
    for child, of_child in (parents or {}).items():
        for parent, relation in of_child:
            children[key(parent)].append((key(child), relation))
    runs = {reading.run for readings in trained_on.values() for reading in readings}
    return ModelGraph(
        datasets={each.id: each for each in datasets},
        runs={run: Run(run, "open-book", "train", None, "completed", NOON, NOON) for run in runs},
        models={each.id: each for each in models},
        readings={key(number): tuple(readings) for number, readings in trained_on.items() if readings},
        links={
            key(child): tuple(Link(key(parent), relation) for parent, relation in those)
            for child, those in (parents or {}).items()
        },
        deployments={
            key(number): tuple(Deployment(place, None, NOON, None) for place in where)
            for number, where in (places or {}).items()
        },
        children={parent: tuple(those) for parent, those in children.items()},
    )


def lineage(of: ModelGraph, captures: int = 12) -> Lineage:
    """For a person with that many captures in the dataset MINE, and none elsewhere."""
    share = Share(captures, {"keystroke": captures}, NOON.date(), NOON.date())
    readers = {model for model, readings in of.readings.items() if any(each.dataset == MINE for each in readings)}
    return Lineage(of, {MINE: share}, dict.fromkeys(readers, share), of.reach({MINE}))
