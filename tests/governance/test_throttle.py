from __future__ import annotations

import time
from pathlib import Path

import pytest

from governance.throttle import Throttle


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the process has run, to be set."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_everything_is_allowed_at_first(seconds: list[float]) -> None:
    assert Throttle().allows()
    assert Throttle().allows("a server")


def test_work_waits_until_its_pause_is_over(seconds: list[float]) -> None:
    throttle = Throttle()
    throttle.pause(30.0)
    seconds[0] += 29.0
    assert not throttle.allows()
    seconds[0] += 1.0
    assert throttle.allows()


def test_each_key_pauses_on_its_own(seconds: list[float]) -> None:
    throttle = Throttle()
    throttle.pause(30.0, "one")
    assert not throttle.allows("one")
    assert throttle.allows("another")
    assert throttle.allows()


def test_a_pause_can_be_ended_or_replaced(seconds: list[float]) -> None:
    throttle = Throttle()
    throttle.pause(30.0, "one")
    throttle.resume("one")
    throttle.resume("never paused")
    assert throttle.allows("one")
    throttle.pause(30.0, "one")
    throttle.pause(5.0, "one")
    seconds[0] += 5.0
    assert throttle.allows("one")


def test_each_home_pauses_on_its_own(seconds: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = Throttle()
    throttle.pause(30.0)
    monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / "another"))
    assert throttle.allows()


def test_two_parts_of_a_worker_pause_separately(seconds: list[float]) -> None:
    one, other = Throttle(), Throttle()
    one.pause(30.0)
    assert other.allows()
