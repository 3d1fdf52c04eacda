"""Fixtures of the tests of homes: the API, real workers, captures; as in `tests/governance`."""

from __future__ import annotations

from tests.governance.conftest import api, capture, closed_databases, unknown, working

__all__ = ["api", "capture", "closed_databases", "unknown", "working"]
