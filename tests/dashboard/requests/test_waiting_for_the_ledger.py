"""A receipt that the ledger doesn't have yet says so on its page, calmly, and no longer once its batch is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api_client import GovernanceClient
from directory import Employee
from governance.ledger import batches
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_answered_requests import client, work_on
from tests.dashboard.requests.test_requests import press

__all__ = ["client"]

WAITS = "It will be in the public ledger from"


def test_receipt_says_when_the_ledger_has_it(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", "900")
    ada = person()
    capture(ada, 3)
    with client(ada) as api:
        work_on(ada, api.file_request("erasure").id)
    app = open_app(ada, page="requests")
    assert WAITS in words(app)
    said = words(press(app, "Check it here"))
    assert "**The receipt checks out.**" in said
    assert "it takes in entries at fixed times" in said
    batches.seal_due()
    app = open_app(ada, page="requests")
    assert WAITS not in words(app)
    assert "The ledger contains it as entry" in words(press(app, "Check it here"))
