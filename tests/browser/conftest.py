"""The whole product as `make run` starts it, and a real browser in front of it.

stack    `python -m demo` on free ports with its own home: identity provider, API, worker, dashboard
browser  Chromium
page     a fresh browser profile for one test
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PATIENCE_MS, page_of
from tests.support import browsers
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 900
"""How long the demo may take to start beside other tests. One that dies is noticed at once."""

expect.set_options(timeout=PATIENCE_MS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Clicks and seconds of the journeys that were walked."""
    reports = [each for listed in terminalreporter.stats.values() for each in listed]
    walked = [each for each in reports if isinstance(each, pytest.TestReport) and each.when == "teardown"]
    times = [(each.nodeid, said) for each in walked if "clicks" in (said := dict(each.user_properties))]
    if times:
        terminalreporter.section("Journeys: clicks and seconds")
    for test, said in sorted(times):
        terminalreporter.write_line(f"{said['clicks']:>2}  {said['seconds']:>6}  {test.partition('::')[2]}")


@dataclass(frozen=True)
class Stack:
    """A running product."""

    home: Path
    environment: dict[str, str]
    dashboard: str
    api: str
    identity_provider: str
    process_id: int
    output: Path
    """The demo's terminal output."""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `python -m …` on the same home, as an operator would."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("stack") / "home"
    dashboard, api, identity_provider = free_ports(3)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBOOK_")} | {
        "OPENBOOK_HOME": str(home),
        "OPENBOOK_DASHBOARD_PORT": str(dashboard),
        "OPENBOOK_API_PORT": str(api),
        "OPENBOOK_IDP_PORT": str(identity_provider),
        "OPENBOOK_LEDGER_BATCH_SECONDS": "0",
    }
    output = home.with_name("demo.log")
    with output.open("w") as log:
        demo = subprocess.Popen(
            [sys.executable, "-m", "demo"], cwd=ROOT, env=environment, stdout=log, stderr=log, umask=0o022
        )
        try:
            running = Stack(
                home=home,
                environment=environment,
                dashboard=f"http://localhost:{dashboard}",
                api=f"http://localhost:{api}",
                identity_provider=f"http://localhost:{identity_provider}",
                process_id=demo.pid,
                output=output,
            )
            _wait_until_served(running, demo, output)
            yield running
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                ended = demo.wait(timeout=120)
            except subprocess.TimeoutExpired:
                demo.kill()
                raise
    assert ended == 0, output.read_text()
    for port in (dashboard, api, identity_provider):
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("localhost", port))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = browsers.chromium()
    if program is None:
        pytest.fail("No Chromium: `make test` installs one, or install Debian's package chromium.")
    with browsers.launched(program) as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser, viewport={"width": 1280, "height": 900}, accept_downloads=True) as page:
        yield page


def _wait_until_served(running: Stack, demo: subprocess.Popen[bytes], output: Path) -> None:
    """Waits until everything has started: a process that dies earlier ends the demo, a later one does not."""
    until = time.monotonic() + START_SECONDS
    while "Ready after" not in output.read_text():
        assert demo.poll() is None, output.read_text()
        assert time.monotonic() < until, output.read_text()
        time.sleep(0.5)
    waiting = [f"{running.dashboard}/_stcore/health", f"{running.api}/healthz"]
    while waiting:
        assert demo.poll() is None, output.read_text()
        assert time.monotonic() < until, output.read_text()
        try:
            with urllib.request.urlopen(waiting[0], timeout=5):
                waiting.pop(0)
        except OSError:
            time.sleep(0.5)
