"""Who looked: nobody, or a role with its reason, but never a name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api_client import GovernanceClient
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words


def test_access_without_views(open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str) -> None:
    ada = person()
    capture(ada)
    said = words(open_app(ada, page="access"))
    assert "No views by others" in said
    assert "Open Book has shown data about you only to you." in said


def test_a_view_by_an_officer_is_listed(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    officer = person("ines@example.com", role="privacy_officer")
    capture(ada)
    with GovernanceClient(api, token_for(ada)) as client:
        client.file_request("export")
    with GovernanceClient(api, token_for(officer)) as client:
        assert client.officer.requests()
    app = open_app(ada, page="access")
    table = app.dataframe[0].value
    assert list(table["role"]) == ["A privacy officer"]
    assert "A privacy officer looked last" in words(app)
    assert officer.name not in words(app)
    assert "No views by others" in words(open_app(bob, page="access"))


def test_without_the_api_the_page_says_so(
    open_app: OpenApp, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    assert "can't be reached right now" in words(open_app(person(), page="access"))
