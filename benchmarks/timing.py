"""Ours and theirs, measured in turns.

A ratio says more than a time: machine and load are the same for both sides, because they take turns within one run,
and the medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One comparison; `ratio` is ours over theirs, `events` the number of captures on each side."""

    name: str
    ratio: float
    against: str
    ours_ms: float
    theirs_ms: float
    events: int


def compare(
    name: str,
    against: str,
    events: int,
    ours: Callable[[int], object],
    theirs: Callable[[int], object],
    *,
    times: int,
    prepare: Callable[[int], object] = lambda _: None,
) -> Result:
    """Medians of `times` turns; both are called with the number of the turn, after `prepare`, unmeasured.

    The turn before the first, number 0, is not counted: it fills caches and imports.
    """

    def ours_timed(turn: int) -> float:
        prepare(turn)
        return milliseconds(lambda: ours(turn))

    ours_ms, theirs_ms = medians(ours_timed, lambda turn: milliseconds(lambda: theirs(turn)), times=times)
    return Result(name, round(ours_ms / theirs_ms, 2), against, round(ours_ms, 1), round(theirs_ms, 1), events)


def medians(ours: Callable[[int], float], theirs: Callable[[int], float], *, times: int) -> tuple[float, float]:
    """The medians of what both return, in turns; turn 0 is not counted."""
    found = [(ours(turn), theirs(turn)) for turn in range(times + 1)][1:]
    return statistics.median(mine for mine, _ in found), statistics.median(other for _, other in found)


def milliseconds(task: Callable[[], object]) -> float:
    """How long one run takes."""
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000
