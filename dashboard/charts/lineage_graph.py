"""A person's lineage as a chart: their captures, datasets, training runs, model versions, where those are in use.

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
from dashboard.language import listed, t, tn
from dashboard.text import inert, plain
from dashboard.wording import NOT_LEARNED
from languages import mark
from queries import Lineage
from queries.shares import Share

MOST_MODELS = 60
MOST_LINES = 300
MOST_PARENTS = 5
"""What the chart has room for: model versions, lines to what they were trained on, and parents of each."""
ROW_HEIGHT = 29
HEADING_ROWS = 1.4
LEGEND_HEIGHT = 74
EVIDENCE_SHOWN = {"proven": mark("proven"), "possible": mark("possible"), "unknown": mark("not known")}
DASHES = {"proven": [1, 0], "possible": [5, 3], "unknown": [1, 3]}
HEADINGS = {
    "captures": mark("Yours"),
    "dataset": mark("Datasets"),
    "model": mark("Model versions"),
    "place": mark("In use at"),
}
INHERITED = {
    "proven": mark("What it was built from has records of yours"),
    "possible": mark("May have records of yours"),
    "unknown": mark("Not known whether it has records of yours"),
}
"""What a tooltip says where the number of records is not known."""


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
    across = alt.X("x:Q", title=t("Step of the way"), axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))
    down = alt.Y(
        "y:Q",
        title=t("Row"),
        axis=None,
        scale=alt.Scale(domain=[-HEADING_ROWS, where.height - 0.5], reverse=True, nice=False, zero=False),
    )
    known = [t(EVIDENCE_SHOWN[evidence]) for evidence in DASHES]
    shown = [words for words in known if words in set(lines["evidence"])]
    colour = alt.Color(
        "evidence:N",
        title=t("How certain"),
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
    values = {
        "datasets": tn("{n} dataset", "{n} datasets", datasets),
        "runs": tn("{n} training run", "{n} training runs", readings["run"].nunique()),
        "models": tn("{n} model version", "{n} model versions", len(drawn)),
    }
    said = [
        t(
            "From your records, lines lead through {datasets} and {runs} to {models}, in use at {places}.",
            places=listed(places, 6),
            **values,
        )
        if places
        else t("From your records, lines lead through {datasets} and {runs} to {models}.", **values)
    ]
    if no_room:
        said.append(
            tn(
                "{n} more does not fit in the picture; the list below has all.",
                "{n} more do not fit in the picture; the list below has all.",
                no_room,
            )
        )
    if clean:
        said.append(
            tn(
                "{n} more is not drawn: reported to have none of your data.",
                "{n} more are not drawn: reported to have none of your data.",
                clean,
            )
        )
    if older:
        said.append(
            tn(
                "{n} more is not drawn: reported to be older than your first record.",
                "{n} more are not drawn: reported to be older than your first record.",
                older,
            )
        )
    return " ".join(said)


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
    """[model, run, dataset, evidence], without datasets that provably hold none of the person's captures."""
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
            yield {"edge": number, "corner": corner, "x": x, "y": y, "evidence": t(EVIDENCE_SHOWN[edge.evidence])}


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

    yield node("captures", CAPTURES, t("records"), t("Your records"), COLUMNS["captures"], evidence="")
    if NOT_RECORDED in placed.rows:
        detail, evidence = t("Nobody recorded what was read here"), t(EVIDENCE_SHOWN["unknown"])
        yield node("dataset", NOT_RECORDED, t(NOT_RECORDED), detail, COLUMNS["dataset"], evidence=evidence)
    for dataset in own.graph.datasets.values():
        if (key := str(dataset.id)) in placed.rows:
            known = own.dataset_evidence(dataset.id)
            detail, evidence = _detail(own.datasets.get(dataset.id), known), t(EVIDENCE_SHOWN[known])
            yield node("dataset", key, dataset.full_name, detail, COLUMNS["dataset"], evidence=evidence)
    for run in own.graph.runs.values():
        if (key := str(run.id)) in placed.rows:
            detail = (
                t("Training run that ended on {day}", day=run.ended_at.date())
                if run.ended_at
                else t("Training run that has not ended")
            )
            yield node("run", key, run.job, detail, COLUMNS["run"], evidence="")
    for each in _drawn(own):
        model, key = own.graph.models[each], str(each)
        known = own.reached[each].evidence
        detail, name = _detail(own.models.get(each), known), model.name
        if model.retired_at:
            detail = t("{detail}, no longer in use", detail=detail) if detail else t("No longer in use")
            name = t("{model} (retired)", model=name)
        span = model_span(placed.indents[key])
        yield node("model", key, name, detail, span, evidence=t(EVIDENCE_SHOWN[known]), way=key)
        if used := own.graph.in_use(each):
            places = listed([place.place for place in used], 4)
            yield node(
                "place", key, places, t("{model} is in use", model=model.name), COLUMNS["place"], evidence="", way=key
            )


def _detail(share: Share | None, evidence: str) -> str:
    if share:
        if share.at_least:
            return tn("at least {n} record of yours", "at least {n} records of yours", share.captures)
        return tn("{n} record of yours", "{n} records of yours", share.captures)
    return t(INHERITED[evidence]) if evidence in INHERITED else ""


def _marks(
    nodes: pd.DataFrame, across: alt.X, down: alt.Y, colour: alt.Color, picked: alt.Parameter
) -> Iterator[alt.Chart]:
    """Nodes as underlined names, runs as dots, and a heading above each column."""
    tooltip = [alt.Tooltip("name:N", title=t("What")), alt.Tooltip("detail:N", title=t("Of yours"))]
    as_names = alt.ColorDatum("")  # otherwise text would be black on a dark page too
    named = nodes[nodes["kind"] != "run"]
    runs = nodes[nodes["kind"] == "run"]
    yield (
        alt.Chart(named)
        .mark_rule(strokeWidth=2.5, strokeCap="round")
        .encode(x=across, x2=alt.X2("x2:Q"), y=down, color=colour, tooltip=tooltip)
    )
    if len(runs):
        yield alt.Chart(runs).mark_circle(size=44, opacity=1).encode(x=across, y=down, tooltip=tooltip)
    for kind, (begin, end) in COLUMNS.items():
        of_kind = named[named["kind"] == kind]
        if len(of_kind):
            room = alt.ExprRef(f"width * {end - of_kind['x'].max():.3f}")
            text = alt.Chart(of_kind).mark_text(align="left", baseline="bottom", dy=-3, fontSize=12, limit=room)
            text = text.encode(x=across, y=down, text=alt.Text("name:N"), color=as_names, tooltip=tooltip)
            yield text.add_params(picked) if kind == "model" else text
            heading = pd.DataFrame({"x": [begin], "y": [-HEADING_ROWS], "heading": [t(HEADINGS[kind])]})
            yield (
                alt.Chart(heading)
                .mark_text(align="left", baseline="top", fontSize=12, fontWeight=600, limit=room, tooltip=None)
                .encode(x=across, y=down, text=alt.Text("heading:N"), color=as_names)
            )
