"""Every view has an address: reload, Back and a bookmark give the same view, and nothing in it makes an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import clock
from api_client import GovernanceClient, Scope
from dashboard.scopes import addresses
from directory import Employee
from lake.rules.scope import Scope as RuleScope
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.recorded import record_model

IGNORED = "Part of this page's address could not be used and was ignored"
BERLIN = "Europe/Berlin"


def content(app: Any) -> list[str]:
    return list(app.dataframe[0].value["content"])


@pytest.fixture
def ada(person: Callable[..., Employee], capture: Capture) -> Employee:
    ada = person()
    capture(ada, 3, application="Excel", content={"text": "one"})
    capture(ada, 2, application="Chrome", signal="navigation", content={"title": "two"}, at=AT + timedelta(hours=2))
    return ada


def test_what_is_chosen_on_captured_is_in_its_address(open_app: OpenApp, ada: Employee) -> None:
    app = open_app(ada, page="captured", zone=BERLIN)
    assert app.query_params == {}
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    app = app.multiselect(key="captured_signals").select("navigation").run()
    app.datetime_input[0].set_value(datetime(2026, 3, 2, 11, 30)).run()  # noqa: DTZ001
    assert app.query_params == {"application": "Chrome", "kind": "navigation", "from": "2026-03-02T10:30Z"}
    again = open_app(ada, page="captured", zone=BERLIN, query=app.query_params)
    assert content(again) == content(app) == ["two", "two"]
    assert again.datetime_input[0].value == datetime(2026, 3, 2, 11, 30)  # noqa: DTZ001
    assert again.query_params == app.query_params


def test_the_address_of_a_selection_covers_all_of_it() -> None:
    ended = clock.naive(clock.now()) - timedelta(days=1)
    second = ended.replace(second=20, microsecond=1)
    query = addresses.scope_query(RuleScope(None, ("Excel",), second - timedelta(hours=1), second))
    assert query["from"] == f"{second - timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
    assert query["until"] == f"{second + timedelta(seconds=40):%Y-%m-%dT%H:%MZ}"
    assert query["application"] == ["Excel"]
    until_tomorrow = RuleScope(from_at=ended, until_at=ended + timedelta(days=2))
    assert "until" not in addresses.scope_query(until_tomorrow), "no field takes a time that is to come"


def test_an_address_is_the_same_in_every_language_and_zone(open_app: OpenApp, ada: Employee) -> None:
    query = {"kind": "navigation", "until": "2026-03-03T00:00Z", "tab": "paths"}
    app = open_app(ada, page="captured", zone="America/New_York", locale="de", query=query)
    assert app.query_params == query
    assert app.datetime_input[1].value == datetime(2026, 3, 2, 19, 0)  # noqa: DTZ001
    assert "Keine Mauswege" in words(app)


def test_back_shows_the_view_before(open_app: OpenApp, ada: Employee) -> None:
    app = open_app(ada, page="captured")
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    with_chrome = dict(app.query_params)
    app = app.multiselect(key="captured_applications").unselect("Chrome").select("Excel").run()
    app.query_params = with_chrome
    assert content(app.run()) == ["two", "two"]
    app.query_params = {}
    assert len(content(app.run())) == 5


def test_a_choice_wins_over_the_address_that_the_browser_had_before(open_app: OpenApp, ada: Employee) -> None:
    app = open_app(ada, page="captured")
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    app.query_params = {}  # the browser hasn't got the new address yet
    app = app.multiselect(key="captured_signals").select("navigation").run()
    assert app.query_params == {"application": "Chrome", "kind": "navigation"}


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ({"application": "Excel; drop table"}, "Applications"),
        ({"kind": ["keystroke", "thoughts"]}, "What"),
        ({"from": "yesterday", "until": "9999-12-31T23:59Z"}, "From and Until"),
        ({"from": "0001-01-01T00:00Z"}, "From"),
        ({"kind": ["keystroke"] * 51}, "What"),
        ({"page": "-1", "moves": "maybe"}, "mouse movements and page"),
        ({"page": "1" * 5000}, "page"),
        ({"tab": "![x](http://evil/x.png)"}, "tab"),
    ],
)
def test_what_an_address_says_wrongly_is_ignored_and_said(
    open_app: OpenApp, ada: Employee, query: dict[str, Any], parts: str
) -> None:
    app = open_app(ada, page="captured", query=query)
    assert [info.value for info in app.info] == [f"{IGNORED}: {parts}."]
    assert len(content(app)) == 5
    assert app.query_params == {}
    assert "evil" not in words(app)
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    assert IGNORED not in words(app)


def test_a_page_of_records_has_an_address(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    bob = person("bob@example.com")
    for number in range(7):
        capture(bob, 200, at=AT + number * timedelta(hours=4), content={"text": f"part {number}"})
    app = open_app(bob, page="captured")
    for _ in range(6):
        app = next(button for button in app.button if button.label == "Later").click().run()
    assert app.query_params == {"page": "7"}
    again = open_app(bob, page="captured", query={"page": "7"})
    assert set(content(again)) == {"part 6"}
    assert "1,201 to 1,400 of 1,400" in words(again)
    again = next(button for button in again.button if button.label == "Earlier").click().run()
    assert set(content(again)) == {"part 5"}
    assert again.query_params == {"page": "6"}
    past = open_app(bob, page="captured", query={"page": "99"})
    assert (set(content(past)), past.query_params) == ({"part 6"}, {"page": "7"})
    narrowed = past.multiselect(key="captured_applications").select("Excel").run()
    assert narrowed.query_params == {"application": "Excel"}
    assert set(content(narrowed)) == {"part 0"}


def test_models_of_a_kind_have_an_address(open_app: OpenApp, ada: Employee, capture: Capture, api: str) -> None:
    record_model(ada, 3, "Quill")
    capture(ada, 5, signal="message", application="Slack")
    record_model(ada, 5, "Amber", signal="message")
    app = open_app(ada, page="models", query={"kind": "message", "all": "no"})
    assert app.pills(key="models_kind").value == "message"
    assert "1 model version learned from your messages" in words(app)
    assert f"{IGNORED}: all models." in words(app)
    assert app.query_params == {"kind": "message"}


def test_one_request_has_an_address(open_app: OpenApp, ada: Employee, api: str, token_for: Callable[..., str]) -> None:
    with GovernanceClient(api, token_for(ada)) as governance:
        first = governance.file_request("objection", Scope(("keystroke",)))
        governance.file_request("objection", Scope(("scroll",)))
    app = open_app(ada, page="requests", query={"request": str(first.id)})
    assert [each.value for each in app.subheader] == ["No training"]
    assert "Only one request is shown" in words(app)
    app = app.button(key="requests_all").click().run()
    assert (len(app.subheader), app.query_params) == (2, {})
    app = app.button(key=f"only-{first.id}").click().run()
    assert (len(app.subheader), app.query_params) == (1, {"request": str(first.id)})
    for query in ({"request": "../../etc"}, {"request": "00000000-0000-4000-8000-000000000000"}):
        app = open_app(ada, page="requests", query=query)
        assert len(app.subheader) == 2
        assert "address" in words(app)
