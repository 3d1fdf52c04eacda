"""Gives back what sessions that left still hold.

Streamlit keeps the session of a closed tab for a while (`disconnectedSessionTTL`), so that a short break of the network
loses nothing. But it drops those over their time only when another tab is closed: without that, the last ones, up to
128, stay for as long as the process. And what is dropped goes back to the C library, which keeps it in the arenas of
threads that have ended. Here both are done regularly.
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

EVERY_SECONDS = 30.0


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Tidy for as long as the dashboard runs."""
    task = asyncio.create_task(_tidy_regularly())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def forget_left_sessions() -> int:
    """Drop Streamlit's sessions of tabs closed long enough ago; returns how many are kept. On the event loop only."""
    kept = runtime.get_instance()._session_mgr._session_storage._cache  # type: ignore[attr-defined]
    kept.expire()
    return len(kept)


def give_memory_back() -> None:
    """Collect what is unreachable, and have the C library return free memory where it can (glibc)."""
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
        with suppress(OSError):
            await asyncio.to_thread(sessions.remove_ended)
