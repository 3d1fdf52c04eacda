"""Charts show the numbers of their frame, have units on their axes, and a sentence that says the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import altair as alt
import pandas as pd
import pytest
from altair.utils import schemapi
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.captured.pointer_panel import fullest_of_latest_day
from dashboard.charts import activity, lineage, lineage_graph, pointer, retention
from dashboard.charts.covered import covered, covered_sentence
from dashboard.charts.stacking import stacked
from dashboard.charts.wall_time import wall_times
from lake.lineage.graph import Relation
from lake.lineage.model_graph import ModelGraph
from lake.lineage.model_readings import Reading
from tests.support.models import FINE_TUNED, MINE, OTHERS, UNLISTED, graph, read
from tests.support.models import lineage as lineage_of

MORNING = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001
DAYS = pd.DataFrame({"day": pd.to_datetime(["2026-03-02", "2026-03-04"]), "events": [5, 7]})
HOURS = pd.DataFrame({"hour": pd.to_datetime(["2026-03-02 09:00", "2026-03-02 20:00"]), "events": [5, 2]})
BINS = pd.DataFrame(
    {
        "start": [MORNING, MORNING + timedelta(hours=1)],
        "end": [MORNING + timedelta(hours=1), MORNING + timedelta(hours=2)],
        "signal": ["keystroke", "mouse_move"],
        "events": [3, 4000],
    }
)
POINTS = pd.DataFrame(
    {
        "captured_at": [MORNING + timedelta(seconds=second) for second in (0, 1, 2, 10, 11)],
        "x": [0, 300, 300, 300, 600],
        "y": [0, 400, 400, 400, 800],
        "signal": ["mouse_move", "mouse_move", "mouse_click", "mouse_move", "scroll"],
        "session": ["one"] * 5,
    }
)
CLOSED = """
import altair as alt
import pandas as pd
from dashboard.charts.drawing import draw_chart

def table():
    raise AssertionError

draw_chart(alt.Chart(pd.DataFrame({"x": [1]})).mark_bar(), "One", table, name="one")
"""
LEAVING = pd.DataFrame(
    {
        "retained_until": pd.to_datetime(["2030-03-02", "2030-03-02", "2030-09-04"]),
        "state": ["retained", "held", "retained"],
        "events": [5, 2, 7],
    }
)
SLICES = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-03-02"] * 5),
        "signal": ["keystroke", "scroll", "afk", "ticket", "message"],
        "events": [9, 8, 7, 2, 1],
    }
)
FEW = lineage_of(
    graph(
        {1: [read(MINE)], 2: [read(OTHERS)], 3: [read(UNLISTED)], 4: [read(None)], 5: [read(OTHERS)]},
        {2: [(1, FINE_TUNED)]},
        names={2: "![x](http://evil)", 3: "Lumen", 4: "Amber", 5: "Quill"},
        retired=[1],
        places={2: ["Claims"]},
    )
)

DRAWN: dict[str, Callable[[], alt.Chart | alt.LayerChart]] = {
    "calendar": lambda: activity.calendar(DAYS, "UTC", pick="day"),
    "hours": lambda: activity.hours_of_days(HOURS, "UTC", days=28),
    "timeline": lambda: activity.timeline(BINS, "UTC", brush="period"),
    "graph": lambda: lineage_graph.graph(FEW),
    "slices": lambda: lineage.slices(SLICES),
    "departures": lambda: retention.departures(LEAVING),
    "path": lambda: pointer.path(POINTS),
    "covered": lambda: covered(DAYS),
}
CHARTS = {name: draw() for name, draw in DRAWN.items()}


def encodings(spec: Any) -> list[tuple[str, dict[str, Any]]]:
    found = [(channel, value) for channel, value in spec.get("encoding", {}).items() if isinstance(value, dict)]
    for layer in spec.get("layer", []):
        found += encodings(layer)
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_every_time_axis_is_a_wall_clock(name: str) -> None:
    for channel, encoding in encodings(CHARTS[name].to_dict()):
        if channel in {"x", "y"} and encoding.get("type") == "temporal":
            assert encoding["scale"]["type"] == "utc"


@pytest.mark.parametrize("name", CHARTS)
def test_every_number_has_its_unit(name: str) -> None:
    for channel, encoding in encodings(CHARTS[name].to_dict()):
        if channel in {"x", "y"} and encoding.get("type") == "quantitative":
            assert encoding["title"]


@pytest.mark.parametrize("name", CHARTS)
def test_no_tooltip_has_a_name_that_a_browser_would_load(name: str) -> None:
    spec = CHARTS[name].to_dict()
    tooltips = [tip for layer in [spec, *spec.get("layer", [])] for tip in layer.get("encoding", {}).get("tooltip", [])]
    assert tooltips
    assert all(tip["title"] and tip["title"].lower() not in {"image", "url", "href"} for tip in tooltips)
    assert not any(channel in {"url", "href"} for channel, _ in encodings(spec))


def rows(chart: alt.Chart) -> pd.DataFrame:
    assert isinstance(chart.data, pd.DataFrame)
    return chart.data


def test_the_calendar_has_whole_weeks_and_every_day_once() -> None:
    cells = rows(activity.calendar(DAYS, "UTC", pick="day"))
    assert len(cells) == 8 * 7
    assert cells["events"].sum() == 12
    assert dict(zip(cells["date"], cells["events"], strict=True))["4 March 2026"] == 7


def test_a_long_calendar_begins_in_its_first_week() -> None:
    days = pd.DataFrame({"day": pd.bdate_range("2026-01-07", "2026-03-18"), "events": 1})  # Wednesdays
    cells = rows(activity.calendar(days, "UTC", pick="day"))
    assert (cells["iso"].min(), cells["iso"].max()) == ("2026-01-05", "2026-03-22")


def test_timeline_colours_compare_within_a_lane() -> None:
    cells = rows(activity.timeline(BINS, "UTC", brush="period"))
    assert list(cells["share"]) == [1.0, 1.0]
    assert list(cells["kind"]) == ["typed text", "mouse movements"]


def test_the_sentences_say_the_numbers() -> None:
    assert activity.calendar_sentence(DAYS) == (
        "Something was captured on 2 days between 2 March 2026 and 4 March 2026. The busiest was 4 March 2026 with "
        "7 records."
    )
    assert activity.calendar_sentence(DAYS[:1]) == "5 records, all on 2 March 2026."
    assert activity.hours_sentence(HOURS) == (
        "Most was captured between 9:00 and 10:00. 2 records are from before 7:00 or after 19:00."
    )
    assert retention.departures_sentence(LEAVING).startswith("5 records will be deleted after 2 March 2030")
    assert "2 records can't be deleted for now" in retention.departures_sentence(LEAVING)
    assert "unless it is held longer" in retention.departures_sentence(LEAVING)
    assert "held longer" not in retention.departures_sentence(LEAVING[LEAVING["state"] != "held"])


def test_held_captures_have_no_deletion_date() -> None:
    assert rows(retention.departures(LEAVING))["events"].sum() == 12


def test_restricted_captures_stay_at_the_persons_request() -> None:
    kept = LEAVING.replace({"state": {"held": "restricted"}})
    assert rows(retention.departures(kept))["events"].sum() == 12
    assert "2 records stay at your request." in retention.departures_sentence(kept)


def test_a_long_request_is_drawn_by_week() -> None:
    assert list(rows(covered(DAYS))["events"]) == [5, 7]
    half_a_year = pd.DataFrame({"day": pd.date_range("2026-01-05", "2026-07-05", freq="D"), "events": 1})
    weeks = rows(covered(half_a_year))
    assert (len(weeks), weeks["events"].sum()) == (26, len(half_a_year))


def test_the_covered_sentence_escapes_application_names() -> None:
    parts = pd.DataFrame(
        {"application": ["Excel", "![x](http://evil)"], "signal": ["keystroke", "scroll"], "events": [9, 3]}
    )
    said = covered_sentence(DAYS, parts)
    assert said.startswith("Recorded on 2 days between 2 March 2026 and 4 March 2026, in Excel and ")
    assert "typed text (9) and scrolls (3). The busiest day is 4 March 2026 with 7 records." in said
    assert "![x](" not in said
    assert covered_sentence(DAYS[:1], parts[:1]) == "Recorded on 2 March 2026, in Excel: typed text (9)."


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (
            graph({1: [read(UNLISTED)]}),
            "Going by what the runs reported, no model version is certain to have been trained on your records. 1 may "
            "have been.",
        ),
        (
            graph({1: [read(MINE)], 2: [read(OTHERS)], 3: [read(UNLISTED)], 4: []}, {2: [(1, FINE_TUNED)]}),
            "Going by what the runs reported, 2 model versions were trained on your records. 1 was built from another "
            "of these. 1 more may have been. For 1 model version, nobody recorded this.",
        ),
    ],
)
def test_the_models_sentence_matches_the_evidence(of: ModelGraph, sentence: str) -> None:
    assert lineage.consumption_sentence(lineage_of(of)) == sentence


def test_the_lineage_chart_counts_what_it_leaves_out() -> None:
    assert lineage_graph.graph_sentence(FEW) == (
        "From your records, lines lead through 2 datasets and 1 training run to 4 model versions, in use at Claims. "
        "1 more is not drawn: reported to have none of your data."
    )
    layers = [rows(layer) for layer in lineage_graph.graph(FEW).layer if isinstance(layer, alt.Chart)]
    names = {name for layer in layers if "name" in layer for name in layer["name"]}
    assert {"records", "actions 101", "actions 103", "not recorded", "Sable 1 (retired)", "Claims"} <= names
    assert not any("Quill" in name for name in names)
    assert set(layers[0]["evidence"]) == {"proven", "possible", "not known"}


@given(
    st.dictionaries(
        st.integers(1, 60),
        st.lists(
            st.sampled_from([read(MINE, run=UUID(int=97)), read(UNLISTED), read(None, run=UUID(int=98))]), max_size=3
        ),
        min_size=1,
    ),
    st.dictionaries(st.integers(1, 60), st.lists(st.tuples(st.integers(1, 60), st.just(FINE_TUNED)), max_size=2)),
)
def test_every_model_version_has_its_own_row(
    trained_on: dict[int, list[Reading]], parents: dict[int, list[tuple[int, Relation]]]
) -> None:
    own = lineage_of(graph(trained_on, parents))
    placed = lineage_graph.placed(own)
    models = [str(model) for model in own.graph.models]
    assert sorted(placed.rows[model] - min(placed.rows[each] for each in models) for model in models) == list(
        range(len(models))
    )
    assert min(placed.rows.values()) > -0.5
    datasets = sorted(placed.rows[key] for key in (str(MINE), str(UNLISTED), "not recorded") if key in placed.rows)
    assert all(after - before > 0.999 for before, after in itertools.pairwise(datasets))
    assert set(placed.ways) == set(models)


def test_the_timeline_in_words_names_its_kinds() -> None:
    assert activity.timeline_sentence(BINS, "UTC") == (
        "4,003 records between 2 March 2026, 09:00 and 2 March 2026, 11:00 (UTC), "
        "mouse movements (4,000) and typed text (3)."
    )


def test_the_path_is_interrupted_at_pauses() -> None:
    strokes = pointer.segments(POINTS)
    assert list(zip(strokes["x"], strokes["x2"], strict=True)) == [(0, 300), (300, 300), (300, 600)]
    assert pointer.path_sentence(POINTS).startswith(
        "In 11 seconds the pointer travelled 1,000 pixels, 0.7 times the width of the screen, rested 1 time"
    )


def test_the_first_stretch_is_the_fullest_of_the_latest_day() -> None:
    stretches = [
        pd.DataFrame({"captured_at": pd.date_range(start, periods=points, freq="s")})
        for start, points in (("2026-03-01 09:00", 9), ("2026-03-02 09:00", 5), ("2026-03-02 11:00", 2))
    ]
    assert fullest_of_latest_day(stretches) == 1


def test_a_long_path_is_thinned_but_keeps_its_length_in_time() -> None:
    points = pd.DataFrame(
        {
            "captured_at": pd.date_range("2026-03-02", periods=20_000, freq="10ms"),
            "x": range(20_000),
            "y": [1] * 20_000,
            "session": ["one"] * 20_000,
        }
    )
    strokes = pointer.segments(points)
    assert len(strokes) <= pointer.MOST_SEGMENTS
    assert strokes["seconds"].max() > 199


@pytest.mark.parametrize(
    ("x", "y", "screen"), [(1279, 719, (1280, 720)), (1280, 1, (1366, 768)), (9000, 10, (9001, 11))]
)
def test_the_smallest_usual_screen_with_all_points(x: int, y: int, screen: tuple[int, int]) -> None:
    assert pointer.screen_of(pd.DataFrame({"x": [0, x], "y": [0, y]})) == screen


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(1, 99)), min_size=1))
def test_stacked_bars_are_adjacent(bars: list[tuple[int, str, int]]) -> None:
    frame = pd.DataFrame(bars, columns=["at", "kind", "events"]).groupby(["at", "kind"])["events"].sum().reset_index()
    for _, pile in stacked(frame, "at", "kind", "abc").groupby("at"):
        assert list(pile["bottom"]) == [0, *pile["top"][:-1]]
        assert pile["top"].iloc[-1] == pile["events"].sum()
        assert list(pile["kind"]) == sorted(pile["kind"])


def test_wall_times_keep_the_clock() -> None:
    marked = wall_times(BINS)
    assert str(marked["start"].dt.tz) == "UTC"
    assert list(marked["start"].dt.tz_localize(None)) == list(BINS["start"])


def test_the_table_of_a_chart_is_made_when_it_is_opened() -> None:
    assert not AppTest.from_string(CLOSED).run().exception


def test_charts_are_the_same_without_altairs_checks_of_each_part() -> None:
    def made() -> list[Any]:
        days = activity.calendar(DAYS, "UTC", pick="day")
        charts = [days, activity.hours_of_days(HOURS, "UTC", days=28), activity.timeline(BINS, "UTC", brush="brush")]
        return [chart.to_dict() for chart in charts]

    checked = made()
    with schemapi.debug_mode(False):
        assert made() == checked
