"""A person saves what is selected under a name, opens it again, renames and deletes it, with the real API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api_client import GovernanceClient
from dashboard.scopes import saved_views
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words


@pytest.fixture
def ada(person: Callable[..., Employee], capture: Capture, api: str) -> Employee:
    ada = person()
    capture(ada, 3, application="Excel", content={"text": "one"})
    capture(ada, 2, application="Chrome", signal="navigation", content={"title": "two"})
    return ada


def opened(app: Any) -> Any:
    app.session_state["views-captured"] = True
    return app.run()


def named(app: Any, label: str) -> Any:
    [found] = [each for each in (*app.button, *app.text_input) if each.label == label]
    return found


def as_read(markdown: str) -> str:
    return markdown.replace("\\", "").replace("\u2060", "")


def saved(app: Any) -> list[tuple[str, str]]:
    """The links of the list: their words, and the address."""
    links = [each.proto for each in app.get("page_link")]
    return [(each.label, each.query_string) for each in links if each.icon == ":material/bookmark:"]


def test_a_view_is_saved_opened_renamed_and_deleted(open_app: OpenApp, ada: Employee) -> None:
    query = {"application": "Chrome", "kind": "navigation"}
    app = opened(open_app(ada, page="captured", query=query))
    assert "You have no saved views yet" in words(app)
    named(app, "Name for what is selected now").set_value("My *browsing*")
    named(app, "Save this view").click().run()
    assert "The view was saved." in words(app)
    assert named(app, "Name for what is selected now").value == ""
    again = opened(open_app(ada, page="captured", locale="de"))
    [(label, address)] = saved(again)
    assert (as_read(label), address) == ("My *browsing* (Aufgezeichnet)", "application=Chrome&kind=navigation")
    assert len(again.dataframe[0].value) == 5
    again.query_params = query
    assert list(again.run().dataframe[0].value["content"]) == ["two", "two"]

    named(app, "Rename").click().run()
    named(app, "New name of the view").set_value("Browsing")
    named(app, "Save the name").click().run()
    assert ("The view was renamed." in words(app), saved(app)[0][0]) == (True, "Browsing (Captured)")
    named(app, "Delete").click().run()
    assert ("The view was deleted." in words(app), saved(app)) == (True, [])


def test_what_is_refused_is_said(
    open_app: OpenApp, ada: Employee, api: str, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with GovernanceClient(api, token_for(ada)) as governance:
        governance.views.save("Browsing", "models", "kind=navigation")
    app = opened(open_app(ada, page="captured"))
    assert saved(app) == [("Browsing (Models)", "kind=navigation")]
    named(app, "Save this view").click().run()
    assert [each.value for each in app.error] == ["Give the view a name first. Nothing was saved."]
    named(app, "Name for what is selected now").set_value("browsing")
    named(app, "Save this view").click().run()
    [refused] = [each.value for each in app.error]
    assert as_read(refused) == "You have a view with this name. Choose another name, or delete that view first."
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    app.run()
    assert saved_views.UNREACHABLE in words(app)
    assert not app.exception
