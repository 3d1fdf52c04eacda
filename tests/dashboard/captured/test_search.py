"""Searching on Captured: results with their words marked, and from them to requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

import clock
from dashboard.captured.found_text import excerpt, excerpts
from dashboard.scopes.selection import Draft
from dashboard.text import markup
from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import search
from queries.search import Place, Query
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.test_text import HOSTILE, UNREADABLE

FIELD = "searched_words"


def searched(app: Any, for_words: str) -> Any:
    app.text_input(key=FIELD).set_value(for_words)
    return pressed(app, "Search")


def test_a_hostile_name_is_not_read_aloud_with_escapes(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(ada, application=UNREADABLE, content={"text": "the quarterly Überblick"})
    [tick] = ticks(searched(open_app(ada, page="captured"), "überblick"))
    assert tick.label == "2 March 2026, 09:00:00 · a b c x (y), typed text"


def pressed(app: Any, label: str, number: int = 0) -> Any:
    return [button for button in app.button if button.label == label][number].click().run()


def ticks(app: Any) -> list[Any]:
    return [box for box in app.checkbox if str(box.key).startswith("tick-")]


@pytest.fixture
def ada(person: Callable[..., Employee], capture: Capture) -> Employee:
    ada = person("ada@example.com")
    capture(ada, 25, content={"text": "the quarterly Überblick"})
    later = AT + timedelta(hours=5)
    capture(ada, application="Chrome", signal="navigation", at=later, content={"title": "Überblick", "url": "a.b"})
    capture(person("bob@example.com"), content={"text": "Überblick of Bob"})
    return ada


def test_nothing_is_searched_before_somebody_does(
    open_app: OpenApp, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "search", lambda *_: pytest.fail("searched"))
    app = open_app(ada, page="captured")
    assert not app.exception
    assert ticks(app) == []


def test_results_are_marked_and_page_by_page(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured", zone="Europe/Berlin"), "UBERBLICK")
    said = words(app)
    assert "**20 results** for “UBERBLICK” in everything about you in this register" in said
    assert "Searched 20 of 26 records, back to 2 March 2026, 10:06 (Europe/Berlin time)" in said
    assert "<small>Window or tab</small> <bdi><mark>Überblick</mark></bdi>" in said
    assert "<small>Text</small> <bdi>the quarterly <mark>Überblick</mark></bdi>" in said
    assert "Bob" not in said
    assert ticks(app)[0].label == "2 March 2026, 15:00:00 · Chrome, pages visited"
    app = pressed(app, "Go on searching")
    assert len(ticks(app)) == 26
    assert "Searched 26 of 26 records." in words(app)
    assert "Go on searching" not in [button.label for button in app.button]
    app = pressed(app, "End search")
    assert ticks(app) == []


def test_nothing_found_says_what_to_try(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured"), "zebra")
    assert "**0 results** for “zebra”" in words(app)
    assert "None of these records has all of your words" in words(app)
    app = searched(app, '""')
    assert "Type at least one letter or digit" in app.warning[0].value


def test_from_a_result_to_a_request(open_app: OpenApp, ada: Employee, api: str) -> None:
    app = searched(open_app(ada, page="captured"), "überblick a.b")
    [tick] = ticks(app)
    app = pressed(tick.check().run(), "Delete the ticked…")
    assert app.title[0].value == "Your requests"
    at = AT + timedelta(hours=5)
    scope = Scope(("navigation",), ("Chrome",), at, at + timedelta(microseconds=1))
    assert app.session_state["request_draft"] == Draft("erasure", scope)
    assert "1 record would be deleted from this register" in words(app)
    assert "pages visited in Chrome at 2 March 2026, 14:00:00 (UTC)" in words(app)


def test_several_ticked_say_what_else_a_request_covers(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured"), "quarterly")
    ticks(app)[0].check()
    app = ticks(app)[1].check().run()
    assert "more than you ticked" not in words(app)
    app = ticks(app)[4].check().run()
    assert "there are 5 records of these kinds, 2 more than you ticked" in words(app)
    app = pressed(app, "Keep the ticked out of training…")
    draft = app.session_state["request_draft"]
    assert (draft.type, draft.scope.from_at) == ("objection", AT + timedelta(minutes=20))
    assert draft.scope.until_at == AT + timedelta(minutes=24, microseconds=1)


def test_a_result_opens_in_full_and_on_the_timeline(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured"), "a.b")
    app = pressed(app, "Read all of it")
    assert "a.b" in [code.value for code in app.code]
    app = pressed(app, "Show on the timeline")
    assert [field.value for field in app.datetime_input] == [
        AT + timedelta(hours=4, minutes=30),
        AT + timedelta(hours=5, minutes=30),
    ]
    assert len(ticks(app)) == 1, "the results stay"
    assert "The timeline shows the hour around this record." in [said.value for said in app.success]
    app = pressed(searched(app, "überblick"), "Search in this session of work")
    assert "in one session of work" in words(app)
    assert len(ticks(app)) == 1


def test_filters_of_the_page_are_those_of_the_search(open_app: OpenApp, ada: Employee, capture: Capture) -> None:
    capture(ada, at=AT + timedelta(days=1), content={"text": "Überblick [iban removed]"}, redactions={"iban": 1})
    app = open_app(ada, page="captured")
    app = searched(app.multiselect(key="captured_applications").select("Chrome").run(), "überblick")
    assert len(ticks(app)) == 1
    app = app.multiselect(key="captured_applications").set_value([]).run()
    assert len(ticks(app)) == 1, "until somebody searches again"
    app = pressed(app, "Search in what is selected now")
    assert len(ticks(app)) == 20
    app.selectbox(key="searched_masked").set_value(True)
    app = searched(app, "überblick")
    assert len(ticks(app)) == 1


def test_what_was_deleted_meanwhile_leaves_the_list(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured"), "überblick")
    scope = Scope(applications=("Chrome",))
    with writer() as connection:
        erasure.write_tombstone(connection, ada.subject, scope, uuid4(), clock.now_utc())
    app = app.run()
    assert len(ticks(app)) == 19
    assert "<small>Window or tab</small>" not in words(app)


def test_words_are_forgotten_when_the_sign_in_ends(open_app: OpenApp, ada: Employee) -> None:
    app = searched(open_app(ada, page="captured"), "überblick")
    assert "captured_search" in app.session_state
    app.user = {"is_logged_in": False}
    app = app.run()
    assert "captured_search" not in app.session_state
    assert FIELD not in app.session_state


@pytest.mark.parametrize("text", HOSTILE)
def test_found_text_is_shown_literally(text: str) -> None:
    [place, *_] = Query.of("needle").places_in({"text": f"{text} needle {text}"})
    shown = excerpt(f"{text} needle {text}", [place])
    assert "<mark>needle</mark>" in shown
    assert "<" not in shown.replace("<mark>", "").replace("</mark>", "")
    assert markup(text) in shown


def test_an_excerpt_is_what_is_around_the_first_word() -> None:
    text = "x" * 500 + " red apple " + "y" * 500 + " red"
    shown = excerpts({"text": text}, [Place("text", 501, 504), Place("text", 1012, 1015)])
    assert "…" + "x" * 59 + " <mark>red</mark> apple yy" in shown
    assert len(shown) < 400
