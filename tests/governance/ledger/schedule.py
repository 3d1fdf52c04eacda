"""The ledger's schedule as an installation has it, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
from governance.db.database import reading, writing
from governance.ledger import append, batches, log
from settings import settings

SECONDS, PLACES = 900, 8

Pass = Callable[[float], None]


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """`minutes(7)`: it is seven minutes after a tick. A batch has eight leaves, and there is one each quarter of an
    hour; no worker seals one but `batches.seal_due()`."""
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", str(SECONDS))
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SIZE", str(PLACES))
    start = datetime.fromtimestamp(clock.now().timestamp() // SECONDS * SECONDS, UTC)

    def passed(since: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=since))

    passed(0)
    return passed


def wait(kind: str = "retention", number: int = 1, **body: Any) -> None:
    """So many entries wait."""
    with writing() as session:
        for each in range(number):
            append(session, kind, {"number": each, **body})


def size() -> int:
    with reading() as session:
        return log.size(session)


def seal(minutes: Pass, since: float) -> int:
    """The size of the ledger after a worker has looked at that minute."""
    minutes(since)
    assert settings().ledger_batch_seconds == SECONDS
    batches.seal_due()
    return size()
