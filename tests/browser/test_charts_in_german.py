"""A visitor with a German browser sees German months and numbers in a chart: Vega takes over the locale."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import ROOT, START_SECONDS
from tests.browser.pages import page_of
from tests.support.ports import free_ports

PAGE = """\
import altair as alt
import pandas as pd

from dashboard.charts import activity
from dashboard.charts.drawing import draw_chart

days = pd.DataFrame({"day": pd.date_range("2026-03-02", "2026-05-20"), "events": 4000})
draw_chart(activity.calendar(days, "UTC", pick="day"), "The days", None)
numbers = alt.Chart(days).mark_bar().encode(x="day:T", y=alt.Y("events:Q", axis=alt.Axis(format=",.1f")))
draw_chart(numbers, "The numbers", None)
"""
KEEP_WHAT_IS_DRAWN = """
window.drawn = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
    window.drawn.push(words);
    return fillText.call(this, words, ...rest);
};
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A page with two charts."""
    (tmp_path / "page.py").write_text(PAGE)
    [port] = free_ports(1)
    served = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "page.py", "--server.port", str(port), "--server.headless", "true",
         "--server.address", "localhost", "--browser.gatherUsageStats", "false"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_served(f"http://localhost:{port}/_stcore/health", served)
        yield f"http://localhost:{port}"
    finally:
        served.terminate()
        served.wait(timeout=120)


def _wait_until_served(health: str, served: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while served.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(health, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("Streamlit didn't start")


@pytest.mark.parametrize(
    ("locale", "month", "weekday", "number"),
    [("de-DE", "Mai 2026", "Mo", "4.000,0"), ("en-GB", "May 2026", "Mon", "4,000.0")],
)
def test_a_chart_is_drawn_in_the_browsers_language(
    browser: Browser, address: str, locale: str, month: str, weekday: str, number: str
) -> None:
    with page_of(browser, locale=locale) as page:
        page.add_init_script(KEEP_WHAT_IS_DRAWN)
        page.goto(address)
        for words in (month, weekday, number):
            page.wait_for_function("words => window.drawn.includes(words)", arg=words)
