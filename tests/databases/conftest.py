"""Fixtures of the tests of where the state is: see `tests.governance.conftest`."""

from __future__ import annotations

from tests.governance.conftest import api, capture, closed_databases, unknown, work

__all__ = ["api", "capture", "closed_databases", "unknown", "work"]
