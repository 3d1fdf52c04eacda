"""Sessions of closed tabs are dropped in time, without waiting for another tab to close."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard.serving import housekeeping
from dashboard.sign_in import sessions

KEPT_SECONDS = 0.01


class Left:
    """The state that Streamlit keeps of a closed tab."""

    def __init__(self, name: str) -> None:
        self.session = SimpleNamespace(id=name)


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> MemorySessionStorage:
    kept = MemorySessionStorage(ttl_seconds=cast("int", KEPT_SECONDS))
    nothing = cast("Any", None)
    manager = WebsocketSessionManager(kept, nothing, nothing, None)
    running = SimpleNamespace(_session_mgr=manager)
    assert "_session_mgr" in Runtime.__init__.__code__.co_names
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: running)
    return kept


def test_expired_tabs_are_dropped(storage: MemorySessionStorage) -> None:
    left = Left("one")
    gone = weakref.ref(left)
    storage.save(cast("Any", left))
    del left
    time.sleep(10 * KEPT_SECONDS)
    gc.collect()
    assert gone() is not None, "Streamlit itself drops it when the next tab closes"
    assert housekeeping.forget_left_sessions() == 0
    gc.collect()
    assert gone() is None


def test_cleanup_runs_with_the_dashboard(storage: MemorySessionStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.0)
    rounds = []
    monkeypatch.setattr(sessions, "remove_ended", lambda: rounds.append(1))

    async def run() -> None:
        async with housekeeping.lifespan(None):
            while len(rounds) < 3:
                await asyncio.sleep(0)

    asyncio.run(run())
    assert len(rounds) >= 3
