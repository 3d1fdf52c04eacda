"""Retention enforced by itself: once a UTC day, a worker sweeps the lake.

The day that was done is in `$OPENBOOK_HOME/governance/swept`, so that a restart or another worker doesn't sweep
again; a lock lets one worker at a time try. A sweep is safe to repeat, so a day whose end was not written down is
simply swept once more. It runs in a thread of its own: requests don't wait for it, except for their turn at the lake.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

import clock
from governance.database import governance_folder
from governance.errors import log_unexpected
from lake import retention
from lake.connection import LakeUnavailable

logger = logging.getLogger("governance")

ROUND_SECONDS = 60.0
PATIENCE_SECONDS = 30.0


@contextmanager
def every_day() -> Iterator[None]:
    """Sweep at once and at the start of each day, as long as the block runs.

    At its end a sweep that is going on has half a minute; then it ends with the process, and is repeated.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_until, args=(stop,), name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)


def sweep_if_due() -> bool:
    """Sweep unless today was done, or another worker is at it. Says whether it did.

    Raises LakeUnavailable: nothing was lost, call it again.
    """
    today = clock.today()
    if _done() == today:
        return False
    try:
        with FileLock(governance_folder() / "sweep.lock", timeout=0):
            if _done() == today:
                return False
            swept = retention.sweep(today)
            _path().write_text(today.isoformat())
    except Timeout:
        return False
    logger.info("retention of %s: %d captures removed, %d held", today, swept["removed"], swept["held"])
    return True


def _until(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            sweep_if_due()
        except LakeUnavailable as error:
            logger.warning("retention: %s It is tried again in a minute.", error)
        except Exception as error:
            log_unexpected(error)
        stop.wait(ROUND_SECONDS)


def _path() -> Path:
    return governance_folder() / "swept"


def _done() -> date | None:
    """The day of the last whole sweep, if that is known."""
    try:
        return date.fromisoformat(_path().read_text())
    except (FileNotFoundError, ValueError):
        return None
