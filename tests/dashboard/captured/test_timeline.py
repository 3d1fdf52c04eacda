"""A timeline counts every capture of its scope, whatever its bin size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

import queries
from dashboard.captured.timeline import timeline_of
from dashboard.moments import UTC_ZONE
from directory import Employee
from lake.rules.scope import Scope
from tests.dashboard.conftest import AT, Capture


@pytest.mark.parametrize(
    ("every", "size"),
    [
        (timedelta(seconds=50), timedelta(minutes=15)),
        (timedelta(hours=7), timedelta(hours=1)),
        (timedelta(days=3), timedelta(days=1)),
        (timedelta(days=60), timedelta(days=7)),
        (timedelta(days=140), timedelta(days=31)),
    ],
)
def test_each_span_has_its_bin_size(
    person: Callable[..., Employee], capture: Capture, token_for: Callable[..., str], every: timedelta, size: timedelta
) -> None:
    ada = person()
    capture(ada, 12, every=every)
    own = queries.sign_in(token_for(ada))
    days = own.captures_per_day()
    for scope in (Scope(), Scope(from_at=datetime(2000, 1, 1)), Scope(applications=("Excel",))):  # noqa: DTZ001
        bins = timeline_of(own, days, scope, UTC_ZONE)
        assert bins["events"].sum() == 12
        assert bins["start"].min() <= AT < bins["end"].min()
        assert (bins["end"] - bins["start"]).max() == size
    assert timeline_of(own, days, Scope(applications=("Chrome",)), UTC_ZONE).empty
