"""Deadlines by regime, to the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.regimes import add_months, regime


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        ("2026-01-31T10:00:00", 1, "2026-02-28T10:00:00"),
        ("2028-01-31T10:00:00", 1, "2028-02-29T10:00:00"),
        ("2100-01-31T10:00:00", 1, "2100-02-28T10:00:00"),
        ("2000-01-30T10:00:00", 1, "2000-02-29T10:00:00"),
        ("2026-03-31T00:00:00", 1, "2026-04-30T00:00:00"),
        ("2026-12-15T23:59:59", 1, "2027-01-15T23:59:59"),
        ("2026-12-31T00:00:00", 1, "2027-01-31T00:00:00"),
        ("2026-11-30T08:00:00", 3, "2027-02-28T08:00:00"),
        ("2027-11-30T08:00:00", 3, "2028-02-29T08:00:00"),
        ("2026-02-28T08:00:00", 1, "2026-03-28T08:00:00"),
        ("2028-02-29T08:00:00", 3, "2028-05-29T08:00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(received: str, months: int, due: str) -> None:
    assert add_months(datetime.fromisoformat(received), months) == datetime.fromisoformat(due)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(1, 3))  # noqa: DTZ001
def test_a_deadline_is_in_the_right_month_and_never_on_a_later_day_of_it(received: datetime, months: int) -> None:
    due = add_months(received, months)
    assert (due.year * 12 + due.month) - (received.year * 12 + received.month) == months
    assert due.time() == received.time()
    assert due.day == received.day or (due.day < received.day and (due + timedelta(days=1)).day == 1)


def test_deadlines_follow_the_regime() -> None:
    received = date(2026, 1, 31)
    assert regime("gdpr").deadline.after(received) == date(2026, 2, 28)
    assert regime("gdpr").extended.after(received) == date(2026, 4, 30)
    assert regime("ccpa").deadline.after(received) == date(2026, 3, 17)
    assert regime("ccpa").extended.after(received) == date(2026, 5, 1)
    assert regime("ccpa").deadline.after(date(2028, 2, 1)) == date(2028, 3, 17)
    with pytest.raises(ValueError, match="lgpd"):
        regime("lgpd")
