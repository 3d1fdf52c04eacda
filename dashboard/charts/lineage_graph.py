"""A person's lineage as a picture: their captures, data sets, training runs, model versions, where those are in use.

How well a link is known is told by colour and by dashes. Whoever points at a model version sees the whole way to it.
Names are cut to the room that there is; the tooltip has them whole, and the table beside the picture says it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts.lineage_layout import CAPTURES, COLUMNS, NOT_RECORDED, Layout, layout, model_span
from dashboard.moments import day_words
from dashboard.text import plain
from dashboard.wording import count, listed

ROW_HEIGHT = 29
HEADING_ROWS = 1.4
LEGEND_HEIGHT = 74
EVIDENCE_SHOWN = {"proven": "proven", "possible": "possible", "unknown": "not known"}
DASHES = {"proven": [1, 0], "possible": [5, 3], "not known": [1, 3]}
HEADINGS = {"captures": "Yours", "dataset": "Data sets", "model": "Model versions", "place": "In use at"}
RELATIONS = {"fine_tuned": "fine-tuned from", "distilled": "taught by", "derived": "made from"}


def graph(lineage: Any) -> alt.LayerChart:
    """The picture. `lineage`: as of `Own.lineage`, with at least one model version whose evidence isn't none.

    Left out is what provably has nothing of the person; `graph_sentence` says how much that is."""
    models = _models(lineage)
    placed = _layout(lineage, models)
    nodes = pd.DataFrame(_nodes(lineage, models, placed))
    lines = pd.DataFrame(_lines(placed))
    ways = lines.merge(
        pd.DataFrame(
            [(model, edge) for model, edges in placed.ways.items() for edge in edges], columns=["way", "edge"]
        ),
        on="edge",
    )
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))
    down = alt.Y(
        "y:Q",
        axis=None,
        scale=alt.Scale(domain=[-HEADING_ROWS, placed.height - 0.5], reverse=True, nice=False, zero=False),
    )
    known = list(EVIDENCE_SHOWN.values())
    shown = [words for words in known if words in set(lines["evidence"])]
    colour = alt.Color(
        "evidence:N",
        title="How well it is known",
        scale=alt.Scale(domain=["", *known]),  # the theme's first colour is that of the names
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
    return alt.layer(*layers).properties(height=round((placed.height + HEADING_ROWS) * ROW_HEIGHT) + LEGEND_HEIGHT)


def graph_sentence(lineage: Any) -> str:
    """The picture in words, safe for Markdown: how many of each, and how much isn't in it."""
    models = _models(lineage)
    readings = _readings(lineage, models)
    datasets = readings["dataset"].nunique()
    used = lineage.deployments[lineage.deployments["model_version"].astype(str).isin(models["id"])]
    left_out = int((lineage.models["evidence"] == "none").sum())
    words = (
        f"From your captures, lines lead through {count(datasets, 'data set')} and "
        f"{count(readings['run'].nunique(), 'training run')} to {count(len(models), 'model version')}"
    )
    places = _in_use(used)["place"].unique()
    words += f", in use at {listed([plain(str(place), 40) for place in places], 6)}." if len(places) else "."
    if left_out:
        words += f" {count(left_out, 'more is', 'more are')} not in it: provably, nothing of yours is in them."
    return words


def _models(lineage: Any) -> pd.DataFrame:
    """[id, family, evidence, …], the oldest first."""
    models = lineage.models[lineage.models["evidence"] != "none"].sort_values(["released_at", "model", "version"])
    return models.assign(id=models["model_version"].astype(str), family=models["model"])


def _readings(lineage: Any, models: pd.DataFrame) -> pd.DataFrame:
    """[model, run, dataset, evidence]; data sets that provably hold nothing of the person are left out."""
    read = lineage.outputs.merge(lineage.inputs, on="run", how="left")
    read = read.assign(
        model=read["model_version"].astype(str),
        run=read["run"].astype(str),
        dataset=[None if pd.isna(dataset) else str(dataset) for dataset in read["dataset_version"]],
        evidence=read["evidence"].fillna("unknown"),
    )
    read = read[read["model"].isin(models["id"]) & (read["evidence"] != "none")]
    return read[["model", "run", "dataset", "evidence"]].drop_duplicates()


def _layout(lineage: Any, models: pd.DataFrame) -> Layout:
    parents = lineage.parents
    return layout(
        models,
        _readings(lineage, models),
        pd.DataFrame(
            {
                "child": parents["model_version"].astype(str),
                "parent": parents["parent"].astype(str),
                "evidence": parents["evidence"],
            }
        ),
        dict(zip(lineage.datasets["dataset_version"].astype(str), lineage.datasets["evidence"], strict=True)),
    )


def _lines(placed: Layout) -> Iterator[dict[str, Any]]:
    for number, edge in enumerate(placed.edges):
        for corner, (x, y) in enumerate(edge.points):
            yield {"edge": number, "corner": corner, "x": x, "y": y, "evidence": EVIDENCE_SHOWN[edge.evidence]}


def _nodes(lineage: Any, models: pd.DataFrame, placed: Layout) -> Iterator[dict[str, Any]]:
    def node(kind: str, key: str, name: str, told: str, span: tuple[float, float], **more: Any) -> dict[str, Any]:
        x, x2 = span
        return {"kind": kind, "name": plain(name, 60), "told": told, "x": x, "x2": x2, "y": placed.rows[key], **more}

    yield node("captures", CAPTURES, "captures", "Your captures", COLUMNS["captures"], evidence="")
    if NOT_RECORDED in placed.rows:
        told = "Nobody recorded what was read here"
        yield node("dataset", NOT_RECORDED, NOT_RECORDED, told, COLUMNS["dataset"], evidence="not known")
    for each in lineage.datasets.to_dict("records"):
        key = str(each["dataset_version"])
        if key in placed.rows:
            name = f"{each['dataset']} {each['version']}".strip()
            evidence = EVIDENCE_SHOWN[each["evidence"]]
            yield node("dataset", key, name, _captures_words(each), COLUMNS["dataset"], evidence=evidence)
    for each in lineage.runs.to_dict("records"):
        key = str(each["run"])
        if key in placed.rows:
            ended = f"ended on {day_words(each['ended_at'].date())}" if pd.notna(each["ended_at"]) else "has not ended"
            job = plain(str(each["job"] or "Training run"), 60)
            yield node("run", key, job, f"Training run that {ended}", COLUMNS["run"], evidence="")
    in_use = _in_use(lineage.deployments).groupby("model_version")["place"].agg(list)
    for each in models.to_dict("records"):
        key, span = each["id"], model_span(placed.indents[each["id"]])
        name = f"{each['model']} {each['version']}"
        retired = pd.notna(each["retired_at"])
        evidence = EVIDENCE_SHOWN[each["evidence"]]
        told = _captures_words(each) + (", no longer in use" if retired else "")
        yield node("model", key, f"{name} (retired)" if retired else name, told, span, evidence=evidence, way=key)
        if each["model_version"] in in_use.index:
            places = [plain(str(place), 60) for place in in_use[each["model_version"]]]
            yield node("place", key, ", ".join(places), f"{name} is in use", COLUMNS["place"], evidence="", way=key)


def _captures_words(each: dict[Any, Any]) -> str:
    captures = int(each["captures"])
    if captures:
        return f"{count(captures, 'capture')} of yours"
    return {
        "proven": "What it comes from has captures of yours",
        "possible": "May have captures of yours",
        "unknown": "Not known whether it has captures of yours",
    }[str(each["evidence"])]


def _in_use(deployments: pd.DataFrame) -> pd.DataFrame:
    return deployments[deployments["until"].isna()]


def _marks(
    nodes: pd.DataFrame, across: alt.X, down: alt.Y, colour: alt.Color, picked: alt.Parameter
) -> Iterator[alt.Chart]:
    """Nodes as underlined names, runs as dots, and a heading over each column."""
    tooltip = [alt.Tooltip("name:N", title="What"), alt.Tooltip("told:N", title="Of yours")]
    as_names = alt.ColorDatum("")  # without it, text is black on a dark page, too
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
