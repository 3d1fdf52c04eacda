"""Strategies for captures and scopes, for tests of any order of events."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from governance.domain.scopes import RequestScope
from lake.rules.scope import Scope
from tests.lake.rows import MORNING, Capture

HOURS = 96
moments = st.integers(0, HOURS).map(lambda hour: MORNING + timedelta(hours=hour))
captures = st.builds(
    Capture,
    captured_at=moments,
    signal=st.sampled_from(["keystroke", "scroll"]),
    application=st.sampled_from(["Excel", "Chrome"]),
    text=st.just(None),
    retained_until=st.sampled_from([date(2026, 3, 20), date(2026, 12, 1)]),
)
scopes = st.builds(
    Scope,
    signals=st.sampled_from([None, None, ("keystroke",)]),
    applications=st.sampled_from([None, None, ("Excel",)]),
    from_at=st.none() | moments,
)


def covers(scope: Scope, capture: Capture) -> bool:
    return (
        (scope.signals is None or capture.signal in scope.signals)
        and (scope.applications is None or capture.application in scope.applications)
        and (scope.from_at is None or capture.captured_at >= scope.from_at)
        and (scope.until_at is None or capture.captured_at < scope.until_at)
    )


def as_asked(scope: Scope) -> RequestScope:
    lists = (list(names) if names else None for names in (scope.signals, scope.applications))
    signals, applications = lists
    return RequestScope(signals=signals, applications=applications, from_at=scope.from_at, until_at=scope.until_at)
