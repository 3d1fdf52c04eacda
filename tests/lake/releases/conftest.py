"""`employ(size, below)`: a company in the directory; `at(day)`: what the clock shows; `policies`: one since January."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path

import pytest

import clock
from directory import Employee
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.support import company, homes
from tests.support.lake import POLICY

DAY = date(2026, 7, 1)


@pytest.fixture
def home(no_home: Path) -> Path:
    """On one set-up: what is special about these tests is noise and budget, not storage."""
    homes.copy(no_home)
    return no_home


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    def show(day: date) -> None:
        moment = datetime.combine(day, time(3), UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return show


@pytest.fixture
def policies(home: Path, at: Callable[[date], None]) -> None:
    """A lake with a policy in force since January; it is the first of July."""
    at(DAY)
    with writer() as connection:
        apply_policies(connection, [POLICY])


@pytest.fixture
def employ(tmp_path: Path, home: Path) -> Callable[..., list[Employee]]:
    return partial(company.employ, tmp_path / "company.csv")
