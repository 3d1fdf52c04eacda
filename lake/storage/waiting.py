"""Waiting for a turn at the lake: for how long, and how many at once.

Workers and commands wait as long as it takes. Code that answers a person waits in `bounded`: a few seconds at most, and
only so many at once (`AT_ONCE` per process, or the places passed to the block), so that waiting calls never use up all
threads. After that they get LakeBusy. Anyone who waits longer than a moment has the holder of the write lock watched
(`watch`, such as `lake.storage.catalogs.lease.watch`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lake.storage.unavailable import LakeBusy

SECONDS = 8.0
AT_ONCE = 12
PAUSE_SECONDS = 0.005
LONGEST_PAUSE_SECONDS = 0.05
LOOK_AFTER_SECONDS = 1.0

BUSY = "The lake is busy with other work. Nothing was changed. Try again in a moment."

_places = threading.Semaphore(AT_ONCE)
_bound: ContextVar[threading.Semaphore | None] = ContextVar("bound", default=None)
"""The places for waits of code that answers a person; None: a program waits, without bounds."""


@contextmanager
def bounded(places: threading.Semaphore | None = None) -> Iterator[None]:
    """Waits in this block are for a person: short, and limited to the number of places, which are shared."""
    before = _bound.set(places or _places)
    try:
        yield
    finally:
        _bound.reset(before)


def bound_waits() -> None:
    """From now on, bound the waits of this thread as in a `bounded` block."""
    _bound.set(_places)


def bound() -> bool:
    """Whether the caller is in a `bounded` block."""
    return _bound.get() is not None


def until(taken: Callable[[], bool], watch: Callable[[], None], patience: float | None = None) -> None:
    """Call `taken` until it returns True, for `patience` seconds at most (None: as long as it takes, or as long as a
    `bounded` block allows). Raises LakeBusy."""
    if taken():
        return
    places = _bound.get()
    if places is None:
        _wait(taken, watch, patience)
        return
    with _place(places):
        _wait(taken, watch, SECONDS if patience is None else min(patience, SECONDS))


@contextmanager
def _place(places: threading.Semaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise LakeBusy(BUSY)
    try:
        yield
    finally:
        places.release()


def _wait(taken: Callable[[], bool], watch: Callable[[], None], patience: float | None) -> None:
    began = time.monotonic()
    look_at = began + LOOK_AFTER_SECONDS
    pause = PAUSE_SECONDS
    while not taken():
        now = time.monotonic()
        if patience is not None and now - began >= patience:
            raise LakeBusy(BUSY)
        if now >= look_at:
            look_at = now + LOOK_AFTER_SECONDS
            watch()
        time.sleep(pause)
        pause = min(pause * 1.2, LONGEST_PAUSE_SECONDS)
