"""Frees the memory of closed tabs, and only looks for it where it may be.

Streamlit keeps the session of a closed tab for a while (`disconnectedSessionTTL`), so that a short network failure
loses nothing. But it drops expired ones only when another tab is closed, so up to 128 would stay as long as the
process. And the memory that is freed goes to the C library, which keeps it in the arenas of threads that have ended.
This module drops expired sessions and returns free memory regularly.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from streamlit import runtime

from dashboard.sign_in import sessions
from errors import Unavailable

EVERY_SECONDS = 30.0


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Cleans up for as long as the dashboard runs."""
    task = asyncio.create_task(_tidy_regularly())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def forget_left_sessions() -> int:
    """Drops Streamlit's expired sessions of closed tabs; returns how many are kept. Call on the event loop only."""
    kept = runtime.get_instance()._session_mgr._session_storage._cache  # type: ignore[attr-defined]
    kept.expire()
    return len(kept)


def give_memory_back() -> None:
    """Collects garbage, and makes the C library return free memory if it can (glibc)."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def _tidy_regularly() -> None:
    kept = 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        before, kept = kept, forget_left_sessions()
        if kept < before:
            await asyncio.to_thread(give_memory_back)
        with suppress(OSError, Unavailable):
            await asyncio.to_thread(sessions.remove_ended)
