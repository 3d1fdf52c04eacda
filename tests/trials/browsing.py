"""People with browsers: each signs in at the dashboard, goes from page to page, and sometimes starts over."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import Browser, Error, Page

from demo.company.people import login_of
from directory import Employee
from settings import settings
from tests.browser.steps import open_page
from tests.support import browsers

PAGES = ("Overview", "Captured", "Models", "Retention", "Requests")
PATIENCE_MS = 120_000
VIEWS_A_SESSION = 12
EACH = 5
"""Sessions per browser process."""

Found: TypeAlias = "Queue[tuple[int, list[str]]]"


def browse(people: Sequence[Employee], sessions: int, seconds: float, wrong: list[str], folder: Path) -> None:
    """Let that many people browse for that many seconds; with none, it is a pause."""
    if not sessions:
        time.sleep(seconds)
        return
    context = multiprocessing.get_context("spawn")
    found: Found = context.Queue()
    names = [employee.name for employee in people[:sessions]]
    address = settings().dashboard_base_url
    processes = [
        context.Process(target=_browse, args=(address, names[first : first + EACH], seconds, found))
        for first in range(0, sessions, EACH)
    ]
    for process in processes:
        process.start()
    views, failures = 0, Counter[str]()
    for _ in processes:
        seen, faults = found.get(timeout=seconds + 600)
        views += seen
        failures.update(faults)
    for process in processes:
        process.join()
    (folder / "browsing.txt").write_text(f"{views} views by {sessions} sessions; failures: {dict(failures)}\n")
    if not views:
        wrong.append(f"no page was seen in a browser: {dict(failures)}")


def _browse(address: str, names: list[str], seconds: float, found: Found) -> None:
    views, faults = 0, list[str]()
    dice = random.Random(names[0])
    program = browsers.chromium()
    assert program is not None, "no Chromium"
    with browsers.launched(program) as browser:
        pages: dict[str, tuple[Page, int]] = {}
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name in names:
                try:
                    page, seen = pages.get(name) or (_signed_in(browser, address, name), 0)
                    open_page(page, dice.choice(PAGES))
                    page.wait_for_timeout(1000)
                    views += 1
                    pages[name] = page, seen + 1
                    if seen >= VIEWS_A_SESSION:
                        pages.pop(name)[0].context.close()
                except Error as error:
                    faults.append(str(error).splitlines()[0][:80])
                    if name in pages:
                        pages.pop(name)[0].context.close()
    found.put((views, faults))


def _signed_in(browser: Browser, address: str, name: str) -> Page:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    browsers.sign_in(page, login_of(name), address)
    return page
