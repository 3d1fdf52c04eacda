"""Keeps Python's collector of cyclic garbage from looking again and again through what will stay.

While a process loads its code, or reads records, there are ever more objects, and next to none of them are garbage that
only the collector can free. It would take a quarter of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SELDOM = (100_000, 50, 100)
_lock = Lock()
_before: list[tuple[int, int, int]] = []
"""For each block that runs, in any thread: the thresholds before the first of them."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """For as long as a block runs, in this process."""
    with _lock:
        _before.append(_before[0] if _before else gc.get_threshold())
        gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                gc.set_threshold(*before)


@contextmanager
def loading() -> Iterator[None]:
    """For the block in which a server or a worker loads its code. Afterwards the collector looks only at newer objects:
    one look at all of them takes a quarter of a second. Cycles that exist at the end of the block are never freed."""
    with seldom_collecting():
        yield
    gc.freeze()
