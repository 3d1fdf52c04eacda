"""The employer's working hours: nothing that is dated outside of them is stored, whatever a recorder sends.

The setting that is in force when a record is stored decides, and the clocks of the zone that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from directory.pausing import FULL_DAY, WeeklyHours
from setting_values import HoursRange, hours_ranges
from settings import settings


@dataclass(frozen=True)
class WorkingHours:
    """`ranges`: as the setting has them; none: no restriction. `of_days`: the same without any past midnight."""

    ranges: tuple[HoursRange, ...]
    of_days: tuple[WeeklyHours, ...]

    def cover(self, at: datetime) -> bool:
        """Whether what is dated then (naive UTC) may be stored."""
        return not self.of_days or any(each.local(at) for each in self.of_days)


def working_hours() -> WorkingHours:
    """Those in force."""
    return _read(settings().working_hours)


@lru_cache(maxsize=4)
def _read(text: str) -> WorkingHours:
    ranges = hours_ranges(text)
    return WorkingHours(ranges, tuple(part for each in ranges for part in _of_days(each)))


def _of_days(hours: HoursRange) -> list[WeeklyHours]:
    """A range past midnight is of the day that it begins on, so it goes on in the morning of the next."""
    days, begins, ends, zone = hours
    if begins < ends:
        return [WeeklyHours(days, begins, ends, zone)]
    next_days = tuple(day % 7 + 1 for day in days)
    return [WeeklyHours(days, begins, FULL_DAY, zone), WeeklyHours(next_days, 0, ends, zone)]
