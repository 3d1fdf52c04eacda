"""A person's lineage as a chart: their captures, data sets, training runs, model versions, where those are in use.

Colour and dashes show how certain a link is. Pointing at a model version shows the whole path to it.
Names are cut to fit; the tooltip has them in full, and the table below the chart has everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any
from uuid import UUID

import altair as alt
import pandas as pd

from dashboard.charts.lineage_layout import CAPTURES, COLUMNS, NOT_RECORDED, Layout, layout, model_span
from dashboard.language import listed
from dashboard.moments import day_words
from dashboard.text import inert, plain
from dashboard.wording import NOT_LEARNED, count
from queries import Lineage
from queries.shares import Share

MOST_MODELS = 60
MOST_LINES = 300
MOST_PARENTS = 5
"""What the chart has room for: model versions, lines to what they were trained on, and parents of each."""
ROW_HEIGHT = 29
HEADING_ROWS = 1.4
LEGEND_HEIGHT = 74
EVIDENCE_SHOWN = {"proven": "proven", "possible": "possible", "unknown": "not known"}
DASHES = {"proven": [1, 0], "possible": [5, 3], "not known": [1, 3]}
HEADINGS = {"captures": "Yours", "dataset": "Data sets", "model": "Model versions", "place": "In use at"}


def graph(own: Lineage) -> alt.LayerChart:
    """The chart of `Own.lineage`. At least one model version must be drawn: its evidence is not in `NOT_LEARNED`.

    It leaves out what was reported to have none of the person's captures, or to be older than these; `graph_sentence`
    says how much that is."""
    where = placed(own)
    nodes = pd.DataFrame(_nodes(own, where))
    lines = pd.DataFrame(_lines(where))
    ways = lines.merge(
        pd.DataFrame([(model, edge) for model, edges in where.ways.items() for edge in edges], columns=["way", "edge"]),
        on="edge",
    )
    across = alt.X("x:Q", title="Step of the way", axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))
    down = alt.Y(
        "y:Q",
        title="Row",
        axis=None,
        scale=alt.Scale(domain=[-HEADING_ROWS, where.height - 0.5], reverse=True, nice=False, zero=False),
    )
    known = list(EVIDENCE_SHOWN.values())
    shown = [words for words in known if words in set(lines["evidence"])]
    colour = alt.Color(
        "evidence:N",
        title="How certain",
        scale=alt.Scale(domain=["", *known]),  # the theme's first colour is for the names
        legend=alt.Legend(orient="bottom", values=shown, symbolType="stroke", symbolStrokeWidth=3),
    )
    dashes = alt.StrokeDash("evidence:N", scale=alt.Scale(domain=known, range=list(DASHES.values())), legend=None)
    picked = alt.selection_point("way", fields=["way"], on="pointerover,click", clear="dblclick", empty=False)
    corners = {"x": across, "y": down, "color": colour, "detail": "edge:N", "order": "corner:Q"}
    layers = [
        alt.Chart(lines)
        .mark_line(interpolate="basis", strokeWidth=1.5, opacity=0.55, tooltip=None)
        .encode(strokeDash=dashes, **corners),
        alt.Chart(ways)
        .mark_line(interpolate="basis", strokeWidth=3.5, tooltip=None)
        .transform_filter(picked)
        .encode(**corners),
        *_marks(nodes, across, down, colour, picked),
    ]
    height = round((where.height + HEADING_ROWS) * ROW_HEIGHT) + LEGEND_HEIGHT
    return alt.LayerChart(layer=layers).properties(height=height)


def graph_sentence(own: Lineage) -> str:
    """The chart in words, safe for Markdown: how many of each, and how much is left out."""
    drawn = _drawn(own)
    readings = _readings(own)
    places = sorted({inert(used.place, 40) for model in drawn for used in own.graph.in_use(model)})
    clean = sum(each.evidence == "none" for each in own.reached.values())
    older = sum(each.evidence == "made_before" for each in own.reached.values())
    no_room = len(own.graph.models) - len(drawn) - clean - older
    read = {UUID(dataset) for dataset in readings["dataset"].dropna()}
    datasets = sum(own.graph.datasets[dataset].members for dataset in read)
    words = (
        f"From your records, lines lead through {count(datasets, 'data set')} and "
        f"{count(readings['run'].nunique(), 'training run')} to {count(len(drawn), 'model version')}"
    )
    words += f", in use at {listed(places, 6)}." if places else "."
    if no_room:
        words += f" {count(no_room, 'more does not', 'more do not')} fit in the picture; the list below has all."
    if clean:
        words += f" {count(clean, 'more is', 'more are')} not drawn: reported to have none of your data."
    if older:
        words += f" {count(older, 'more is', 'more are')} not drawn: reported to be older than your first record."
    return words


def _drawn(own: Lineage) -> list[UUID]:
    """The model versions in the chart, oldest first. If there are too many, the most certain ones that fit."""
    having = [model for model in own.graph.models if own.reached[model].evidence not in NOT_LEARNED]
    lines = {model: len(own.graph.readings.get(model, ())) for model in having}
    if len(having) <= MOST_MODELS and sum(lines.values()) <= MOST_LINES:
        return having
    surest = own.surest_first(having)[:MOST_MODELS]
    room = accumulate(lines[model] for model in surest)
    chosen = {model for model, taken in zip(surest, room, strict=True) if taken <= MOST_LINES} or set(surest[:1])
    return [model for model in having if model in chosen]


def _readings(own: Lineage) -> pd.DataFrame:
    """[model, run, dataset, evidence], without data sets that provably hold none of the person's captures."""
    rows = [
        (str(model), str(reading.run), reading.dataset and str(reading.dataset), str(own.evidence(reading)))
        for model in _drawn(own)
        for reading in own.graph.readings.get(model, ())
        if own.evidence(reading) != "none"
    ]
    return pd.DataFrame(rows, columns=["model", "run", "dataset", "evidence"]).drop_duplicates()


def placed(own: Lineage) -> Layout:
    """The position of everything in the chart."""
    drawn = _drawn(own)
    models = [(str(model), own.graph.models[model].model) for model in drawn]
    parents = [
        (str(model), str(link.parent), str(own.inherited(link)))
        for model in drawn
        for link in own.graph.links.get(model, ())[:MOST_PARENTS]
    ]
    return layout(
        pd.DataFrame(models, columns=["id", "family"]),
        _readings(own),
        pd.DataFrame(parents, columns=["child", "parent", "evidence"]),
        {str(dataset): str(own.dataset_evidence(dataset)) for dataset in own.graph.datasets},
    )


def _lines(placed: Layout) -> Iterator[dict[str, Any]]:
    for number, edge in enumerate(placed.edges):
        for corner, (x, y) in enumerate(edge.points):
            yield {"edge": number, "corner": corner, "x": x, "y": y, "evidence": EVIDENCE_SHOWN[edge.evidence]}


def _nodes(own: Lineage, placed: Layout) -> Iterator[dict[str, Any]]:
    def node(kind: str, key: str, name: str, detail: str, span: tuple[float, float], **more: Any) -> dict[str, Any]:
        x, x2 = span
        return {
            "kind": kind,
            "name": plain(name, 60),
            "detail": detail,
            "x": x,
            "x2": x2,
            "y": placed.rows[key],
            **more,
        }

    yield node("captures", CAPTURES, "records", "Your records", COLUMNS["captures"], evidence="")
    if NOT_RECORDED in placed.rows:
        detail = "Nobody recorded what was read here"
        yield node("dataset", NOT_RECORDED, NOT_RECORDED, detail, COLUMNS["dataset"], evidence="not known")
    for dataset in own.graph.datasets.values():
        if (key := str(dataset.id)) in placed.rows:
            evidence = own.dataset_evidence(dataset.id)
            detail = _detail(own.datasets.get(dataset.id), evidence)
            yield node("dataset", key, dataset.full_name, detail, COLUMNS["dataset"], evidence=EVIDENCE_SHOWN[evidence])
    for run in own.graph.runs.values():
        if (key := str(run.id)) in placed.rows:
            ended = f"ended on {day_words(run.ended_at.date())}" if run.ended_at else "has not ended"
            yield node("run", key, run.job, f"Training run that {ended}", COLUMNS["run"], evidence="")
    for each in _drawn(own):
        model, key = own.graph.models[each], str(each)
        evidence = own.reached[each].evidence
        detail = _detail(own.models.get(each), evidence) + (", no longer in use" if model.retired_at else "")
        name = f"{model.name} (retired)" if model.retired_at else model.name
        span = model_span(placed.indents[key])
        yield node("model", key, name, detail, span, evidence=EVIDENCE_SHOWN[evidence], way=key)
        if used := own.graph.in_use(each):
            places = listed([place.place for place in used], 4)
            yield node("place", key, places, f"{model.name} is in use", COLUMNS["place"], evidence="", way=key)


def _detail(share: Share | None, evidence: str) -> str:
    if share:
        return f"{'at least ' if share.at_least else ''}{count(share.captures, 'record')} of yours"
    return {
        "proven": "What it was built from has records of yours",
        "possible": "May have records of yours",
        "unknown": "Not known whether it has records of yours",
    }.get(evidence, "")


def _marks(
    nodes: pd.DataFrame, across: alt.X, down: alt.Y, colour: alt.Color, picked: alt.Parameter
) -> Iterator[alt.Chart]:
    """Nodes as underlined names, runs as dots, and a heading above each column."""
    tooltip = [alt.Tooltip("name:N", title="What"), alt.Tooltip("detail:N", title="Of yours")]
    as_names = alt.ColorDatum("")  # otherwise text would be black on a dark page too
    named = nodes[nodes["kind"] != "run"]
    runs = nodes[nodes["kind"] == "run"]
    yield (
        alt.Chart(named)
        .mark_rule(strokeWidth=2.5, strokeCap="round")
        .encode(x=across, x2="x2:Q", y=down, color=colour, tooltip=tooltip)
    )
    if len(runs):
        yield alt.Chart(runs).mark_circle(size=44, opacity=1).encode(x=across, y=down, tooltip=tooltip)
    for kind, (begin, end) in COLUMNS.items():
        of_kind = named[named["kind"] == kind]
        if len(of_kind):
            room = alt.ExprRef(f"width * {end - of_kind['x'].max():.3f}")
            text = alt.Chart(of_kind).mark_text(align="left", baseline="bottom", dy=-3, fontSize=12, limit=room)
            text = text.encode(x=across, y=down, text="name:N", color=as_names, tooltip=tooltip)
            yield text.add_params(picked) if kind == "model" else text
            heading = pd.DataFrame({"x": [begin], "y": [-HEADING_ROWS], "heading": [HEADINGS[kind]]})
            yield (
                alt.Chart(heading)
                .mark_text(align="left", baseline="top", fontSize=12, fontWeight=600, limit=room, tooltip=None)
                .encode(x=across, y=down, text="heading:N", color=as_names)
            )
