"""Pages in a browser whose scripts must not fail: a chart that can't be drawn says so in the console only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, WebError

PATIENCE_MS = 60_000
"""How long the browser waits for something to appear. It is not a performance limit."""
FAULTS = re.compile(r"\b(?:Type|Reference|Range|Syntax|Eval)Error\b|\bFailed to (?:draw|render|embed)\b")


@contextmanager
def page_of(browser: Browser, **options: Any) -> Iterator[Page]:
    """The only page of a context of its own. `options`: as `Browser.new_context` takes them."""
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and FAULTS.search(message.text):
            faults.append(f"{message.page.url if message.page else ''}: {message.text[:300]}")

    def thrown(error: WebError) -> None:
        faults.append(str(error.error)[:300])

    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    context.on("console", heard)
    context.on("weberror", thrown)
    yield context.new_page()
    context.close()
    assert not faults, "\n".join(faults)
