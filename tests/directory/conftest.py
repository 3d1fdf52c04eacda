"""Fixtures of the directory's tests.

later    `later(seconds)`: the machine has been running for that much longer
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import clock

Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    real, passed = clock.uptime, 0.0

    def passes(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(clock, "uptime", lambda: real() + passed)
    return passes
