"""A chart is made again only if something that it shows has changed, and is always like a new one."""

from __future__ import annotations

from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import pytest
import streamlit as st

from dashboard.charts import activity, drawing
from dashboard.charts.drawing import draw_chart
from dashboard.sign_in import identity
from queries import Kept

DAYS = pd.DataFrame({"day": pd.to_datetime(["2026-03-02", "2026-03-04"]), "events": [5, 7]})


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Streamlit was given."""
    given: list[dict[str, Any]] = []
    kept = Kept()
    monkeypatch.setattr(identity, "_kept", lambda: kept)
    monkeypatch.setattr(st, "vega_lite_chart", lambda *, spec, **_: given.append(spec))
    return given


def calendar(days: pd.DataFrame = DAYS, zone: str = "UTC", pick: str = "day") -> partial[alt.Chart]:
    return partial(activity.calendar, days.copy(), zone, pick=pick)


def test_the_same_table_is_not_drawn_twice(specs: list[dict[str, Any]]) -> None:
    for _ in range(2):
        draw_chart(calendar(), "One", None)
    assert specs[0] is specs[1]


def test_what_has_changed_is_drawn_again(specs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    changed = DAYS.assign(events=[5, 8])
    other_type = DAYS.assign(events=[5.0, 7.0])
    for chart in (calendar(), calendar(changed), calendar(other_type), calendar(zone="CET"), calendar(pick="date")):
        draw_chart(chart, "One", None)
    monkeypatch.setattr(drawing, "current", lambda: type("Language", (), {"code": "de"}))
    draw_chart(calendar(), "One", None)
    assert len({id(spec) for spec in specs}) == 6


def test_a_kept_chart_is_like_a_new_one(specs: list[dict[str, Any]]) -> None:
    for chart in (calendar(), calendar()()):
        draw_chart(chart, "One", None)
    for spec in specs:
        [data] = spec["datasets"].values()
        assert isinstance(data, bytes)
    kept, made = specs
    assert kept["datasets"] == made["datasets"]
    assert kept["encoding"] == made["encoding"]
    assert kept["usermeta"] == {"embedOptions": {"renderer": "canvas"}}
