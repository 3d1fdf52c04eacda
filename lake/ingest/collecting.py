"""Keeps Python's collector of cyclic garbage from looking through all records again and again while they are read.

Records hold each other in no cycle: reference counts free them. The collector would take a quarter of the time.
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
