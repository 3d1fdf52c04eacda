"""What a screen reader reads has no escapes for Markdown, and what is Markdown has them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import altair as alt
import pandas as pd
import pytest
import streamlit as st

from api_client.models import ReleasedTable, Share
from clock import today
from dashboard.charts import drawing
from dashboard.charts.covered import covered_sentence
from dashboard.releases import panel
from dashboard.releases.wording import table_sentence, title_of
from tests.dashboard.test_text import UNREADABLE


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """What the page was given: `alt` of charts, `words` of tables, `header` and `caption` as Markdown."""
    given: dict[str, list[Any]] = {"alt": [], "words": [], "header": [], "caption": []}
    monkeypatch.setattr(st, "vega_lite_chart", lambda *_, alt, **__: given["alt"].append(alt))
    for module in (drawing, panel):
        monkeypatch.setattr(module, "draw_table", lambda _, words, **__: given["words"].append(words))
    for element in ("header", "caption"):
        monkeypatch.setattr(st, element, lambda said, *_, to=element, **__: given[to].append(said))
    return given


def test_a_chart_and_its_table_are_named_without_escapes(drawn: dict[str, list[Any]]) -> None:
    parts = pd.DataFrame({"application": [UNREADABLE], "signal": ["keystroke"], "events": [9]})
    days = pd.DataFrame({"day": pd.to_datetime(["2026-03-02"]), "events": [9]})
    sentence = covered_sentence(days, parts)
    assert UNREADABLE not in sentence
    chart = alt.Chart(pd.DataFrame({"x": [1]})).mark_point()
    drawing.draw_chart(chart, sentence, None)
    assert drawn["alt"] == [f"Recorded on 2 March 2026, in {UNREADABLE}: typed text (9)."]


def test_published_numbers_are_named_without_escapes_and_drawn_with_them(drawn: dict[str, list[Any]]) -> None:
    shares = (Share(UNREADABLE, 0.1, 0.06, 0.14),)
    table = ReleasedTable(UUID(int=1), today(), UNREADABLE, True, 300, shares)
    panel._draw_table([table])
    assert drawn["alt"] == drawn["words"] == [f"Of 300 people, {UNREADABLE}: 10 % (6 to 14 %)."]
    assert drawn["header"] == [title_of(UNREADABLE)]
    assert table_sentence(table) in drawn["caption"][0]
    assert UNREADABLE not in drawn["header"][0] + drawn["caption"][0]


def test_a_number_that_says_nothing_is_not_given(drawn: dict[str, list[Any]]) -> None:
    shares = (Share("Chrome", None, 0.05, 0.4), Share("Word", None, 0.0, 0.15))
    panel._draw_table([ReleasedTable(UUID(int=1), today(), "applications", True, 300, shares)])
    said = drawn["caption"][0].replace("\\", "")
    assert "Word: 0 to 15 %" in said
    assert "Chrome: " not in said
    assert said.endswith("The noise is too large to say anything about: Chrome.")
    assert drawn["alt"] == drawn["words"] == ["Of 300 people, Word: 0 to 15 %."]


def test_a_table_that_says_nothing_is_named_by_its_title(drawn: dict[str, list[Any]]) -> None:
    shares = (Share("Chrome", None, 0.05, 0.4),)
    panel._draw_table([ReleasedTable(UUID(int=1), today(), "applications", True, 300, shares)])
    assert (drawn["alt"], drawn["words"]) == ([], [title_of("applications")])
    assert "Of 300 people" not in drawn["caption"][0]
