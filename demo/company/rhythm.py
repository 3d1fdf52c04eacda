"""Generates when people work: days, half days, and spells in one application.

A workday starts and ends a little differently each day, has a lunch break, and consists of spells of some
minutes in one application. Weekends, a week of leave and occasional sick days are free. Times are
seconds since 1970, UTC; working hours follow the person's local time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HOUR = 3600.0
SPELLS_A_DAY = 60
"""More than fit in a day; the rest is cut off."""


@dataclass(frozen=True)
class Spells:
    """Spells in chronological order, as arrays of equal length."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    application: NDArray[np.int64]
    """Index into the given weights."""
    session: NDArray[np.int64]
    """The half day's number, counting mornings and afternoons."""

    def __len__(self) -> int:
        return len(self.start)


def workdays(rng: np.random.Generator, first: date, last: date, zone: str) -> NDArray[np.float64]:
    """The midnights, in local time, of the days on which the person works."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    leave = int(rng.integers(10, len(days) - 14))
    sick = rng.random(len(days)) < 0.02
    return np.array(
        [
            datetime.combine(day, time(), ZoneInfo(zone)).timestamp()
            for place, day in enumerate(days)
            if day.weekday() < 5 and not leave <= place < leave + 7 and not sick[place]
        ]
    )


def spells(rng: np.random.Generator, midnights: NDArray[np.float64], weights: list[int]) -> Spells:
    """The person's spells on those days."""
    shape = (len(midnights), SPELLS_A_DAY)
    begin_day = (8.5 + rng.normal(0, 0.4) + rng.normal(0, 0.2, (shape[0], 1))) * HOUR
    end_day = begin_day + (8.6 + rng.normal(0, 0.4, (shape[0], 1))) * HOUR
    lunch = (12.2 + rng.normal(0, 0.2) + rng.normal(0, 0.15, (shape[0], 1))) * HOUR
    duration = rng.lognormal(np.log(420), 0.7, shape)
    pause = np.where(rng.random(shape) < 0.1, rng.uniform(240, 900, shape), rng.uniform(2, 20, shape))
    start = begin_day + np.cumsum(duration + pause, axis=1) - duration - pause
    afternoon = start > lunch
    start = start + afternoon * rng.uniform(0.5, 1.0, (shape[0], 1)) * HOUR
    worked = start + duration < end_day
    share = np.array(weights) / sum(weights)
    half = 2 * np.arange(shape[0])[:, None] + afternoon
    absolute = midnights[:, None] + start
    return Spells(
        start=absolute[worked],
        end=(absolute + duration)[worked],
        application=rng.choice(len(weights), shape, p=share)[worked],
        session=half[worked],
    )
