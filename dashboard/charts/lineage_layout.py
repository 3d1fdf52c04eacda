"""Computes the positions in the chart of a person's lineage: arithmetic only, no drawing.

From left to right: the person's captures, datasets, training runs, model versions, and where those are in use. Each
model version has its own row; one built from another is indented below it. A dataset is at the middle of the rows it
leads to, so that few lines cross. A cycle of descent is cut at its oldest member.

x goes from 0 to 1 over the width; y counts rows from the top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from languages import mark

COLUMNS = {
    "captures": (0.0, 0.13),
    "dataset": (0.19, 0.46),
    "run": (0.53, 0.53),
    "model": (0.6, 0.83),
    "place": (0.87, 1),
}
"""Start and end of each column; runs are dots."""

INDENT = 0.022
DEEPEST = 4
NOT_RECORDED = mark("not recorded")
CAPTURES = "captures"

Point = tuple[float, float]


@dataclass(frozen=True)
class Edge:
    """A line from one node to another, given by the corners of its curve."""

    source: str
    target: str
    evidence: str
    points: tuple[Point, ...]


@dataclass
class Layout:
    """`rows`: the row of each node; `indents`: the indent level of each model version; `edges`: all lines; `ways`: for
    each model version, the numbers of all edges on the path from the captures to it."""

    rows: dict[str, float] = field(default_factory=dict)
    indents: dict[str, int] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    ways: dict[str, set[int]] = field(default_factory=dict)

    @property
    def height(self) -> float:
        """In rows."""
        return max(self.rows.values(), default=0.0) + 1


def layout(models: pd.DataFrame, readings: pd.DataFrame, parents: pd.DataFrame, datasets: Mapping[str, str]) -> Layout:
    """Positions everything.

    `models`: [id, family], in chronological order; `readings`: [model, run, dataset, evidence], what each was
    trained on, where a dataset of None was not recorded; `parents`: [child, parent, evidence]; `datasets`: the evidence
    that captures are in each. All ids are text; evidence is proven, possible or unknown.
    """
    found = Layout()
    of_models = _parents_by_child(models, parents)
    for row, (model, indent) in enumerate(_tree(models, of_models)):
        found.rows[model] = float(row)
        found.indents[model] = min(indent, DEEPEST)
    readings = readings[readings["model"].isin(found.rows)]
    _place_runs(found, readings)
    _place_datasets(found, readings)
    found.rows[CAPTURES] = (found.height - 1) / 2
    into = _draw_readings(found, readings, datasets)
    descent = _draw_descent(found, of_models)
    for model in models["id"]:
        found.ways[model] = {edge for each in _lineage_of(model, descent) for edge in (*into[each], *descent[each])}
    return found


def model_span(indent: int) -> Point:
    """Start and end of a model version with this indent."""
    begin, end = COLUMNS["model"]
    return begin + indent * INDENT, end


def _parents_by_child(models: pd.DataFrame, parents: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    known = set(models["id"])
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for child, parent, evidence in parents[["child", "parent", "evidence"]].itertuples(index=False):
        if child in known and parent in known and child != parent:
            found[child].append((parent, evidence))
    return found


def _tree(models: pd.DataFrame, parents: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[tuple[str, int]]:
    """Each model version once, with its depth: families in order, descendants below their first parent."""
    children: dict[str, list[str]] = defaultdict(list)
    for model in models["id"]:
        if parents.get(model):
            children[parents[model][0][0]].append(model)
    families = {family: place for place, family in enumerate(dict.fromkeys(models["family"]))}
    ordered = sorted(zip(models["family"], models["id"], strict=True), key=lambda pair: families[pair[0]])
    placed: set[str] = set()
    # A model without a parent is a root. What is left after that is in a cycle, whose oldest member becomes a root.
    for only_roots in (True, False):
        for _, root in ordered:
            if only_roots and parents.get(root):
                continue
            waiting = [(root, 0)]
            while waiting:
                model, depth = waiting.pop()
                if model in placed:
                    continue
                placed.add(model)
                yield model, depth
                waiting += [(child, depth + 1) for child in reversed(children[model])]


def _place_runs(found: Layout, readings: pd.DataFrame) -> None:
    """A run is next to the models it produced; several runs of one model version share its row."""
    for run, models in readings.groupby("run", sort=False)["model"]:
        found.rows[str(run)] = _middle(found.rows[model] for model in models)
    for _, runs in readings.groupby("model", sort=False)["run"]:
        several = [run for run in dict.fromkeys(runs) if len(set(readings.loc[readings["run"] == run, "model"])) == 1]
        for number, run in enumerate(several):
            found.rows[run] += (number - (len(several) - 1) / 2) * min(0.3, 0.6 / len(several))


def _place_datasets(found: Layout, readings: pd.DataFrame) -> None:
    """At the middle of what they lead to, at least a row apart, and within the chart's height if they fit."""
    last = found.height - 1
    leads_to: dict[str, list[float]] = defaultdict(list)
    for dataset, run in readings[["dataset", "run"]].itertuples(index=False):
        leads_to[dataset if isinstance(dataset, str) else NOT_RECORDED].append(found.rows[run])
    wanted = sorted((_middle(runs), dataset) for dataset, runs in leads_to.items())
    rows: list[float] = []
    for middle, _ in wanted:
        rows.append(max(middle, rows[-1] + 1 if rows else 0.0))
    overhang = (rows[-1] - last) if rows else 0.0
    for place in reversed(range(len(rows))):
        if overhang > 0:
            above = rows[place + 1] - 1 if place + 1 < len(rows) else last
            rows[place] = min(rows[place], above)
    lift = min([0.0, *rows])
    for (_, dataset), row in zip(wanted, rows, strict=True):
        found.rows[dataset] = row - lift
    for node in found.rows.keys() - leads_to.keys():
        found.rows[node] -= lift / 2


def _draw_readings(found: Layout, readings: pd.DataFrame, datasets: Mapping[str, str]) -> dict[str, set[int]]:
    """Captures -> datasets -> runs -> model versions. Returns the numbers of the edges that lead to each model."""
    numbers: dict[tuple[str, str], int] = {}

    def drawn(source: str, target: str, evidence: str, begin: float, end: float) -> int:
        if (source, target) not in numbers:
            numbers[source, target] = len(found.edges)
            line = _curve((begin, found.rows[source]), (end, found.rows[target]))
            found.edges.append(Edge(source, target, evidence, line))
        return numbers[source, target]

    into: dict[str, set[int]] = defaultdict(set)
    (_, out_of_captures), (into_dataset, out_of_dataset) = COLUMNS["captures"], COLUMNS["dataset"]
    run_at = COLUMNS["run"][0]
    for model, run, dataset, evidence in readings[["model", "run", "dataset", "evidence"]].itertuples(index=False):
        recorded = isinstance(dataset, str)
        source = dataset if recorded else NOT_RECORDED
        known = datasets[dataset] if recorded else "unknown"
        into[model] |= {
            drawn(CAPTURES, source, known, out_of_captures, into_dataset),
            drawn(source, run, evidence, out_of_dataset, run_at),
            drawn(run, model, evidence, run_at, model_span(found.indents[model])[0]),
        }
    return into


def _draw_descent(found: Layout, parents: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, dict[int, str]]:
    """From a model version to those built from it. Returns, for each child, its edges' numbers with their parents."""
    drawn: dict[str, dict[int, str]] = defaultdict(dict)
    for child, of_child in parents.items():
        for number, (parent, evidence) in enumerate(of_child):
            drawn[child][len(found.edges)] = parent
            found.edges.append(Edge(parent, child, evidence, _descent(found, parent, child, beneath=number == 0)))
    return drawn


def _descent(found: Layout, parent: str, child: str, *, beneath: bool) -> tuple[Point, ...]:
    """An elbow down to a child that is indented below; an arc on the right for any other parent."""
    top, bottom = found.rows[parent], found.rows[child]
    child_begin, end = model_span(found.indents[child])
    if beneath and bottom > top:
        stem = child_begin - INDENT / 2
        return (stem, top), (stem, bottom), (child_begin, bottom)
    bulge = end + 0.02
    return (end, top), (bulge, top), (bulge, bottom), (end, bottom)


def _lineage_of(model: str, descent: Mapping[str, Mapping[int, str]]) -> list[str]:
    """The model version and all its ancestors, each once."""
    found = [model]
    for each in found:
        found += [parent for parent in descent.get(each, {}).values() if parent not in found]
    return found


def _curve(begin: Point, end: Point) -> tuple[Point, ...]:
    """A curve that is horizontal at both ends."""
    middle = (begin[0] + end[0]) / 2
    return begin, (middle, begin[1]), (middle, end[1]), end


def _middle(rows: Iterable[float]) -> float:
    values = list(rows)
    return sum(values) / len(values)
