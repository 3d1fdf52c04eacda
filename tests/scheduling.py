"""How the tests are shared out among processes (pytest-xdist): a file at a time, and the longest first.

All tests in the browser stand on one running product, which takes a minute to start: they go to one process. The
documents share nothing, and some have many commands to run: each may go to another.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser/"
DOCUMENTS = "tests/documents/"
LONGEST_FIRST = (BROWSER, "tests/resilience/", DOCUMENTS, "tests/governance/")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BROWSER):
            return BROWSER
        return nodeid if nodeid.startswith(DOCUMENTS) else super()._split_scope(nodeid)


def in_order(items: list[pytest.Item]) -> None:
    """Nobody waits at the end for one that began late."""
    items.sort(key=lambda item: next((n for n, part in enumerate(LONGEST_FIRST) if item.nodeid.startswith(part)), 9))
