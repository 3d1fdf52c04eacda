"""Pages in a real browser, against a bare Streamlit page that shows as many charts, tables and other elements.

One person of the lake signs in at an identity provider and opens each page in a new tab, with the dashboard and the API
as processes of their own. The bare page shows constant data to anybody. Both are measured in turns: until the page is
drawn in a new tab; until it is drawn again after a click that opens or closes the table of a chart; and the server's
processor time of such a rerun. And the processor time of a rerun of the whole page, by the key that asks for it: the
click runs only the part of ours that has the table, and all of the bare page.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Page

from benchmarks.company import Company
from benchmarks.servers.processes import processor_seconds, running, wait_for
from benchmarks.servers.sign_in import MEASURED
from benchmarks.timing import Result
from demo import secrets
from tests.support import browsers
from tests.support.ports import free_ports

PAGES = {"Overview": "/", "Captured": "/captured"}
AGAINST = "a bare Streamlit page with as many charts and tables"
MEASURES = (
    "in a new tab",
    "again",
    "again, processor time of the server",
    "again as a whole, processor time of the server",
)
TURNS = 3
RERUNS = 4
RERUN_KEY = "r"
PATIENCE_MS = 60_000
BEGUN_MS = 500
"""By when a rerun has begun that a key asked for."""
STILL_MS = 1500
"""How long nothing changes before a page is counted."""

COUNT = """() => {
    const count = what => document.querySelectorAll(`[data-testid=stMain] ${what}`).length
    const charts = count('[data-testid=stVegaLiteChart]'), frames = count('[data-testid=stDataFrame]')
    const tables = count('table') - count('[data-testid=stDataFrame] table')
    return {charts, tables, frames, others: count('[data-testid=stElementContainer]') - charts - tables - frames}
}"""
DRAWN = """([charts, tables, frames]) => {
    const count = what => document.querySelectorAll(`[data-testid=stMain] ${what}`).length
    return document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
        && count('[data-testid=stVegaLiteChart] :is(canvas, svg.marks)') >= charts
        && count('table') - count('[data-testid=stDataFrame] table') === tables
        && count('[data-testid=stDataFrame] canvas') >= frames
        && count('[data-testid=stSkeleton]') === 0
}"""


@dataclass(frozen=True)
class Shown:
    """How many elements a page shows. `frames`: tables on a canvas. `others`: texts, buttons, fields and so on."""

    charts: int
    tables: int
    frames: int
    others: int


@dataclass(frozen=True)
class Side:
    """A page as a browser opens it. `process`: its server's id."""

    context: BrowserContext
    address: str
    process: int
    shown: Shown

    def times(self) -> tuple[float, float, float, float]:
        """Milliseconds until it is drawn in a new tab, until it is drawn again, and of the server's processor for
        that, and for a rerun of the whole page."""
        page = self.context.new_page()
        started = time.perf_counter()
        page.goto(self.address, wait_until="commit")
        self._wait(page, 0)
        first = time.perf_counter() - started
        again, used = [], processor_seconds(self.process)
        for rerun in range(RERUNS):
            started = time.perf_counter()
            page.locator("summary").filter(has_text="As a table").first.click()
            self._wait(page, (rerun + 1) % 2)
            again.append(time.perf_counter() - started)
        used = processor_seconds(self.process) - used
        whole = processor_seconds(self.process)
        for _ in range(RERUNS):
            page.keyboard.press(RERUN_KEY)
            page.wait_for_timeout(BEGUN_MS)
            self._wait(page, 0)
        whole = processor_seconds(self.process) - whole
        page.close()
        return first * 1000, statistics.median(again) * 1000, used / RERUNS * 1000, whole / RERUNS * 1000

    def _wait(self, page: Page, opened: int) -> None:
        """Until it is drawn, with so many tables more."""
        page.wait_for_function(DRAWN, arg=[self.shown.charts, self.shown.tables + opened, self.shown.frames])


def measure(company: Company, _: Path) -> list[Result]:
    program = browsers.chromium()
    if program is None:
        print("No Chromium: the pages are not measured in a browser.", file=sys.stderr)
        return []
    with _servers() as (dashboard, dashboard_id, bare, bare_id), browsers.launched(program) as browser:
        person, anybody = _context(browser), _context(browser)
        page = person.new_page()
        browsers.sign_in(page, MEASURED.login, dashboard)
        results = []
        for name, path in PAGES.items():
            shown = _shown(page, dashboard + path)
            ours = Side(person, dashboard + path, dashboard_id, shown)
            theirs = Side(anybody, f"{bare}/?{urlencode(asdict(shown))}", bare_id, shown)
            results += _compared(name, ours, theirs, company.events)
        return results


def _compared(name: str, ours: Side, theirs: Side, events: int) -> list[Result]:
    turns = [(ours.times(), theirs.times()) for _ in range(TURNS + 1)][1:]
    results = []
    for place, what in enumerate(MEASURES):
        mine = statistics.median(one[place] for one, _ in turns)
        other = statistics.median(one[place] for _, one in turns)
        results.append(
            Result(
                f"{name} in a browser, {what}", round(mine / other, 2), AGAINST, round(mine, 1), round(other, 1), events
            )
        )
    return results


@contextmanager
def _servers() -> Iterator[tuple[str, int, str, int]]:
    """The addresses and process ids of the dashboard and of the bare page."""
    provider_port, api_port, dashboard_port, bare_port = free_ports(4)
    environment = {
        "OPENBOOK_IDP_PORT": str(provider_port),
        "OPENBOOK_API_PORT": str(api_port),
        "OPENBOOK_DASHBOARD_PORT": str(dashboard_port),
        "OPENBOOK_CLIENT_SECRET": secrets.client_secret(),
        "OPENBOOK_COOKIE_SECRET": secrets.cookie_secret(),
    }
    bare_page = [str(Path(__file__).with_name("bare_page.py")), "--server.port", str(bare_port)]
    programs = (
        (["-m", "benchmarks.servers.sign_in"], provider_port, "/.well-known/openid-configuration"),
        (["-m", "governance", "serve"], api_port, "/openapi.json"),
        (["-m", "dashboard"], dashboard_port, "/_stcore/health"),
        (["-m", "streamlit", "run", *bare_page, "--server.address", "localhost"], bare_port, "/_stcore/health"),
    )
    with ExitStack() as stack:
        processes = [stack.enter_context(running(arguments, environment)) for arguments, *_ in programs]
        for process, (_, port, path) in zip(processes, programs, strict=True):
            wait_for(port, process, path)
        *_, dashboard, bare = (process.pid for process in processes)
        yield f"http://localhost:{dashboard_port}", dashboard, f"http://localhost:{bare_port}", bare


def _context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    return context


def _shown(page: Page, address: str) -> Shown:
    """What the page at an address shows once nothing changes any more."""
    page.goto(address)
    page.get_by_test_id("stVegaLiteChart").first.wait_for()
    before, found = None, Shown(**page.evaluate(COUNT))
    while found != before:
        page.wait_for_timeout(STILL_MS)
        before, found = found, Shown(**page.evaluate(COUNT))
    return found
