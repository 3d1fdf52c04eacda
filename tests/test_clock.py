from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

import clock
from governance.domain.scopes import RequestScope

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 (as the databases store it)


@pytest.mark.parametrize("hours", [-11, -5, 0, 2, 14])
def test_an_aware_time_becomes_naive_utc(hours: int) -> None:
    there = NOON.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert clock.naive(there) == NOON
    assert clock.naive(there).tzinfo is None


def test_a_naive_time_is_utc_already() -> None:
    assert clock.naive(NOON) == NOON


def test_no_time_stays_no_time() -> None:
    assert clock.naive(None) is None


def test_a_scope_covers_the_same_time_whatever_its_zone() -> None:
    scope = RequestScope.model_validate({"from": "2026-03-01T14:00:00+02:00", "until": "2026-03-01T08:00:00-05:00"})
    asked = scope.of_the_lake()
    assert (asked.from_at, asked.until_at) == (NOON, NOON + timedelta(hours=1))
