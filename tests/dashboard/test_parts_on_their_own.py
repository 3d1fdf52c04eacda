"""The table of a chart opens without its page, but never without its sign-in, and never with what has changed since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner

import clock
from dashboard.sign_in import sessions
from dashboard.sign_in.identity import _PARTS
from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, Capture, OpenApp, begin_session, tables, words

Parts = Callable[[AppTest], AppTest]


@pytest.fixture
def opened(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> AppTest:
    """Overview of 20 records, with the click that opens the table of its hours."""
    ada = person()
    capture(ada, 20)
    app = open_app(ada)
    assert app.metric
    assert not any("9:00" in table for table in tables(app))
    app.session_state["table-hours"] = True
    return app


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """Runs the parts of the page that may run on their own, as the browser asks for it."""

    def run(app: AppTest) -> AppTest:
        of_the_page = list(app._fragment_storage._fragments)
        asked = partial(RerunData, fragment_id_queue=of_the_page)
        with monkeypatch.context() as patched:
            patched.setattr(local_script_runner, "RerunData", asked)
            return app.run()

    return run


def test_a_table_opens_without_its_page(opened: AppTest, parts: Parts, asked: list[str]) -> None:
    asked.clear()
    app = parts(opened)
    [table] = tables(app)
    assert table["Day"]
    assert not app.metric
    assert asked == []


def test_a_table_opens_only_while_the_sign_in_holds(opened: AppTest, parts: Parts) -> None:
    opened.user = {**opened.user, "exp": int(clock.now().timestamp()) - 1}
    app = parts(opened)
    assert "Please sign in again" in words(app)
    assert not tables(app)


def test_nothing_is_left_of_a_part_after_signing_out(opened: AppTest, parts: Parts) -> None:
    assert opened.session_state[_PARTS]
    opened.user = {"is_logged_in": False}
    app = parts(opened)
    assert "See what your employer" in "".join(title.value for title in app.title)
    assert not tables(app)
    assert _PARTS not in app.session_state


def test_a_table_never_opens_with_what_was_deleted_since(
    opened: AppTest, parts: Parts, person: Callable[..., Employee]
) -> None:
    with writer() as connection:
        scope = Scope(until_at=AT + timedelta(minutes=7))
        erasure.write_tombstone(connection, person().subject, scope, uuid4(), clock.now_utc())
    app = parts(opened)
    assert "**13 records**" in words(app)
    assert any(sum(map(int, table["9:00"])) == 13 for table in tables(app) if "9:00" in table)


def test_the_next_person_of_a_tab_gets_no_table(
    opened: AppTest, parts: Parts, person: Callable[..., Employee], capture: Capture, token_for: Callable[..., str]
) -> None:
    ben = person("ben@example.com")
    capture(ben, 4)
    token = token_for(ben)
    opened.user = {**opened.user, "tokens": {"access": token}, sessions.CLAIM: begin_session(token)}
    app = parts(opened)
    assert "**4 records**" in words(app)
    assert not any(cells == ["20"] for table in tables(app) for cells in table.values())
