"""A rerun asks the lake nothing again, unless something changed: and what is kept is the person's own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

import clock
from dashboard.sign_in import sessions
from dashboard.sign_in.identity import _KEPT
from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import overview, retention
from tests.dashboard.conftest import AT, Capture, OpenApp, begin_session, words
from tests.lake.rows import place_hold
from tests.support.words import mentions

PAGES = ("overview", "captured", "retention", "models")


@pytest.mark.parametrize("page", PAGES)
def test_a_rerun_asks_the_lake_nothing(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, asked: list[str], page: str
) -> None:
    ada = person()
    capture(ada, 20, every=timedelta(hours=5))
    app = open_app(ada, page=page)
    before = words(app)
    assert asked
    asked.clear()
    assert words(app.run()) == before
    assert asked == []


def test_each_change_of_the_lake_shows_at_the_next_rerun(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 20)
    app = open_app(ada, page="retention")
    assert "**20 records" in words(app.switch_page("views/overview.py").run())
    capture(ada, 5, at=AT + timedelta(days=1))
    assert "**25 records**" in words(app.run())
    with writer() as connection:
        place_hold(connection, ada.subject)
    assert "25 records can't be deleted for now because of a legal hold" in words(app.run())
    with writer() as connection:
        scope = Scope(until_at=AT + timedelta(minutes=7))
        erasure.write_tombstone(connection, ada.subject, scope, uuid4(), clock.now_utc())
    assert "**18 records**" in words(app.run())


def test_a_new_day_shows_at_the_next_rerun(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person()
    capture(ada, 20)
    app = open_app(ada, page="retention")
    asked.clear()
    app.run()
    assert asked == []
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    app.run()
    assert "rollup" in asked


def test_nothing_is_kept_for_the_next_person_of_a_tab(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, token_for: Callable[..., str]
) -> None:
    ada, ben = person("ada@example.com"), person("ben@example.com")
    capture(ada, 321, application="Excel")
    capture(ben, 4, application="Chrome")
    app = open_app(ada)
    assert "**321 records**" in words(app)
    of_ada = pickle.dumps(vars(app.session_state[_KEPT]))
    assert b"Excel" in of_ada
    sign_in(app, token_for(ben))
    assert "**4 records**" in words(app.run())
    assert not mentions(words(app), "321")
    of_ben = pickle.dumps(vars(app.session_state[_KEPT]))
    assert b"Chrome" in of_ben
    assert b"Excel" not in of_ben


def test_signing_out_forgets_what_was_kept(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 20)
    app = open_app(ada)
    assert _KEPT in app.session_state
    app.user = {"is_logged_in": False}
    app.run()
    assert _KEPT not in app.session_state


def test_another_role_asks_again(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, asked: list[str]
) -> None:
    ada = person()
    capture(ada, 20)
    app = open_app(ada)
    person(role="manager")
    asked.clear()
    app.run()
    assert "rollup" in asked


def test_no_readable_text_is_kept(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 3, content={"text": "my bank is on fire"})
    app = open_app(ada, page="captured")
    [table] = [each.value for each in app.dataframe]
    assert "my bank is on fire" in table["content"].iloc[0]
    kept = app.session_state[_KEPT]
    assert "fire" not in repr(vars(kept))
    assert b"fire" not in pickle.dumps(vars(kept))


@pytest.mark.parametrize(("page", "module", "question"), [
    ("overview", retention, "removed"),
    ("overview", overview, "captures_per"),
    ("captured", overview, "captures_per_day"),
    ("captured", overview, "captures_per"),
    ("retention", retention, "removals"),
    ("retention", overview, "summary"),
])  # fmt: skip
def test_a_page_is_of_one_snapshot(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    module: Any,
    question: str,
) -> None:
    ada = person()
    capture(ada, 20)
    app = open_app(ada, page=page)
    expected = words(app)
    del app.session_state[_KEPT]
    answer = getattr(module, question)
    stored: list[int] = []

    def meanwhile(*arguments: Any) -> Any:
        if not stored:
            stored.append(1)
            capture(ada, 7, at=AT + timedelta(hours=3), application="Chrome")
            with writer() as connection:
                place_hold(connection, ada.subject)
        return answer(*arguments)

    monkeypatch.setattr(module, question, meanwhile)
    found = words(app.run())
    assert stored
    if page == "captured":  # its records are read after the rest, so the whole page is drawn again
        assert "**27 records** in your selection" in found
        assert "1 to 27 of 27" in found
    else:
        assert found == expected
        assert words(app.run()) != expected


def sign_in(app: Any, token: str) -> None:
    app.user = {
        "is_logged_in": True,
        "exp": int(clock.now().timestamp()) + 3600,
        "tokens": {"access": token},
        sessions.CLAIM: begin_session(token),
    }
