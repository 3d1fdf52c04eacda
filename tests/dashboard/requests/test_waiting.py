"""A deletion that waits a day: chosen in the form, shown on its card, and taken back there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api_client import GovernanceClient
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_requests import choose, press


def test_a_deletion_that_waits_is_taken_back(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    token_for: Callable[..., str],
) -> None:
    def only() -> Any:
        with GovernanceClient(api, token_for(ada)) as client:
            [request] = client.requests()
            return request

    ada = person()
    capture(ada, 9)
    app = choose(open_app(ada, page="requests"), "erasure")
    app = app.radio[2].set_value(True).run()
    app = press(app, "Show what this covers")
    assert "For a day nothing is deleted" in words(app)
    assert "The records disappear from every page at once" not in words(app)
    app = app.checkbox[0].check().run()
    app = press(app, "Delete 9 records")
    request = only()
    assert (request.starts_at - request.received_at).total_seconds() == 86400
    assert "The deletion starts on" in words(app)
    assert "We must answer by" in words(app)
    app = press(app, "Don't delete it")
    assert only().state == "withdrawn"
    assert "The deletion starts on" not in words(app)


def test_a_deletion_starts_at_once_unless_chosen(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert app.radio[2].value is False
    assert "The records disappear from every page at once" in words(app)
