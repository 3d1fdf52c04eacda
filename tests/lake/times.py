"""A clock that tests of ingestion set; it begins when their recordings do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import clock
from tests.lake.ingesting import START

Clock = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`at(time)`: sets the clock to a naive UTC time."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment.replace(tzinfo=UTC))

    set_clock(START)
    return set_clock
