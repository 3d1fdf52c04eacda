"""Charts in another language: their words, the order of a date, and Vega's numbers, months and weekdays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.charts import activity, lineage, lineage_graph, locales, pointer, retention
from dashboard.charts.covered import covered_sentence
from dashboard.charts.drawing import localized
from languages.language import PSEUDO, speaking
from tests.dashboard.test_charts import BINS, DAYS, DRAWN, FEW, HOURS, LEAVING, POINTS, SLICES, encodings


@pytest.mark.parametrize("name", DRAWN)
def test_a_german_chart_has_german_months(name: str) -> None:
    with speaking("de"):
        locale = localized(DRAWN[name]()).to_dict()["config"]["locale"]
    assert locale["time"]["months"][2] == "März"
    assert locale["time"]["shortMonths"][4] == "Mai"
    assert locale["time"]["shortDays"] == ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"]
    assert (locale["number"]["decimal"], locale["number"]["thousands"]) == (",", ".")


def test_an_english_chart_has_vegas_own_locale() -> None:
    assert "locale" not in localized(DRAWN["calendar"]()).to_dict().get("config", {})


@pytest.mark.parametrize(
    ("code", "day", "month", "monday"),
    [
        ("en", "%-d %b", "%b %Y", "Mon"),
        ("de", "%-d. %b", "%b %Y", "Mo"),
        ("fr", "%-d %b", "%b %Y", "lun."),
        ("es", "%-d %b", "%b %Y", "lun"),
    ],
)
def test_an_axis_writes_dates_as_is_usual(code: str, day: str, month: str, monday: str) -> None:
    with speaking(code):
        assert (locales.day_axis(), locales.month_axis(), locales.weekdays()[0]) == (day, month, monday)


def test_a_clicked_day_is_the_same_in_each_language() -> None:
    with speaking("de"):
        calendar = DRAWN["calendar"]().to_dict()
    [picked] = [one for one in calendar["params"] if one["name"] == "day"]
    assert picked["select"]["fields"] == ["iso"]
    [cells] = calendar["datasets"].values()
    assert {"iso": "2026-03-04", "date": "4. März 2026", "weekday": "Mi"}.items() <= next(
        cell for cell in cells if cell["iso"] == "2026-03-04"
    ).items()


def titles(chart: Any) -> Iterator[str]:
    """Of axes, legends and tooltips."""
    spec = chart.to_dict()
    for _, encoding in encodings(spec):
        if title := encoding.get("title"):
            yield title if isinstance(title, str) else " ".join(title)
    for layer in (spec, *spec.get("layer", [])):
        yield from (tip["title"] for tip in layer.get("encoding", {}).get("tooltip", None) or [])


@pytest.mark.parametrize("name", DRAWN)
def test_every_title_can_be_translated(name: str) -> None:
    with speaking(PSEUDO):
        found = list(titles(DRAWN[name]()))
    assert found
    assert all(title.startswith("⟦") and title.endswith("⟧") for title in found)


def test_every_sentence_and_heading_can_be_translated() -> None:
    parts = SLICES.assign(application="Excel")
    with speaking(PSEUDO):
        sentences = [
            activity.calendar_sentence(DAYS),
            activity.hours_sentence(HOURS),
            activity.timeline_sentence(BINS, "UTC"),
            covered_sentence(DAYS, parts),
            lineage.consumption_sentence(FEW),
            lineage_graph.graph_sentence(FEW),
            pointer.path_sentence(POINTS),
            retention.departures_sentence(LEAVING),
        ]
        tables = [
            activity.timeline_table(BINS, "UTC"),
            lineage.slices_table(SLICES),
            pointer.path_table(POINTS),
            retention.departures_table(LEAVING),
        ]
    for words in [*sentences, *(str(column) for table in tables for column in table.columns)]:
        assert words.startswith("⟦")
        assert words.endswith("⟧")
