from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.governance.conftest import api, capture, closed_databases, unknown, work
from tests.support.trace_receiver import Receiver, receiving

__all__ = ["api", "capture", "closed_databases", "unknown", "work"]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver, which the settings name."""
    with receiving() as made:
        monkeypatch.setenv("OPENBOOK_TRACES_URL", made.url)
        yield made
