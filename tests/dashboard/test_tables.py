"""Tables that people and screen readers can read, whatever is in a cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pandas as pd

from dashboard.tables import FIRST_ROWS, html_of
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, tables
from tests.dashboard.test_text import HOSTILE


def cells(rows: pd.DataFrame) -> list[str]:
    table = ElementTree.fromstring(html_of(rows, "a table"))
    return [cell.text or "" for cell in table.iterfind(".//tbody/tr/")]


def test_hostile_text_stays_text() -> None:
    found = cells(pd.DataFrame({"Application": HOSTILE}))
    assert len(found) == len(HOSTILE)
    table = ElementTree.fromstring(html_of(pd.DataFrame({"Application": HOSTILE}), HOSTILE[0]))
    assert {element.tag for element in table.iter()} == {
        "div", "table", "caption", "thead", "tbody", "tr", "th",
    }  # fmt: skip


def test_values_are_in_words() -> None:
    rows = pd.DataFrame(
        {
            "Day": [date(2026, 5, 3)],
            "At": pd.Series([pd.Timestamp("2026-05-03 14:05")], dtype=object),
            "Records": [1234],
            "Epsilon": [1.5],
            "Nothing": [None],
            "Not a number": pd.array([None], dtype="Int64"),
        }
    )
    assert cells(rows) == ["3 May 2026", "3 May 2026, 14:05", "1,234", "1.50", "", ""]


def test_rows_and_columns_are_named() -> None:
    rows = pd.DataFrame({"Application": ["Excel"], "Records": [3]})
    table = ElementTree.fromstring(html_of(rows, "Your records by application", bar="Records"))
    assert table.get("aria-label") == "Your records by application"
    assert [heading.get("scope") for heading in table.iterfind(".//th")] == ["col", "col", "row"]
    cell = table.find(".//td")
    assert cell is not None
    assert cell.get("data-label") == "Records"


def test_many_rows_are_drawn_on_demand(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, FIRST_ROWS + 5, application=lambda number: f"App {number}")
    app = open_app(ada)
    assert len(tables(app)[0]["Application"]) == FIRST_ROWS
    app = next(button for button in app.button if button.label.startswith("Show all")).click().run()
    assert len(tables(app)[0]["Application"]) == FIRST_ROWS + 5


def test_each_chart_has_a_table(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 20)
    drawn = {"overview": ["calendar", "hours"], "captured": ["timeline"], "day": ["day"], "retention": ["departures"]}
    for page, charts in drawn.items():
        app = open_app(ada, page=page)
        before = len(tables(app))
        assert len(app.get("vega_lite_chart")) == len(charts)
        for name in charts:
            app.session_state[f"table-{name}"] = True
        assert len(tables(app.run())) == before + len(charts)
