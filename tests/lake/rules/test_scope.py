"""Which captures a scope covers, and whether two scopes can overlap."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from lake.rules.scope import SIGNALS, Scope

HOURS = [datetime(2026, 3, 2) + timedelta(hours=hour) for hour in range(5)]  # noqa: DTZ001
APPLICATIONS = ("Chrome", "Excel", "Outlook")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    return st.none() | st.sets(st.sampled_from(values), min_size=1).map(lambda chosen: tuple(sorted(chosen)))


SCOPES = st.builds(
    Scope, some(SIGNALS[:3]), some(APPLICATIONS), st.none() | st.sampled_from(HOURS), st.none() | st.sampled_from(HOURS)
)


@given(SCOPES, SCOPES)
def test_scopes_overlap_if_a_capture_fits_both(one: Scope, other: Scope) -> None:
    moments = [HOURS[0] - timedelta(hours=1), *HOURS]
    captures = product(SIGNALS[:3], APPLICATIONS, moments)
    both = any(one.covers(*capture) and other.covers(*capture) for capture in captures)
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(other) >= both
    empty = any(s.from_at and s.until_at and s.from_at >= s.until_at for s in (one, other))
    assert one.overlaps(other) == both or empty
