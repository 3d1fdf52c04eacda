"""Who is let in, and what everybody else sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

import clock
from dashboard.sign_in import identity
from directory import Employee
from directory.sign_outs import logout_tokens
from tests.dashboard.conftest import Capture, OpenApp, tables, words
from tests.support.issuer import Issuer

PAGES = ("overview", "captured", "day", "models", "retention", "requests", "access", "officer")


@pytest.mark.parametrize("page", PAGES)
def test_signed_out_every_page_is_the_welcome(open_app: OpenApp, page: str) -> None:
    app = open_app(None, page=page)
    assert "See what your employer's AI training holds about you" in words(app)
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.sidebar.markdown


@pytest.mark.parametrize("page", PAGES)
def test_an_expired_sign_in_shows_nothing(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, page: str
) -> None:
    ada = person()
    capture(ada, 3)
    app = open_app(ada, page=page, user_exp=int(clock.now().timestamp()) - 1)
    assert "Please sign in again" in words(app)
    assert not app.dataframe
    assert not tables(app)
    assert not app.metric


def test_an_expired_access_token_shows_nothing(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    hours_ago = int((clock.now() - timedelta(hours=2)).timestamp())
    app = open_app(person(), exp=hours_ago)
    assert "Please sign in again" in words(app)


def test_a_token_for_another_application_shows_nothing(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    assert "Please sign in again" in words(open_app(person(), aud="payroll"))


def test_a_sign_in_without_an_access_token_shows_nothing(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    app = open_app(person())
    app.user = {**app.user, "tokens": {}}
    assert "Please sign in again" in words(app.run())


def test_an_unknown_person_is_told_so(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    person("ada@example.com")
    app = open_app("stranger")
    assert "We don't know you yet" in words(app)
    assert [button.label for button in app.button] == ["Sign out"]


def test_another_sign_in_id_waits_for_the_privacy_officer(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    person("ada@example.com", name="Ada Lovelace")
    person("ada@example.com", name="Ada Lovelace", sub="oidc-ada")
    said = words(open_app("oidc-ada"))
    assert "Your sign-in is being checked" in said
    assert "Lovelace" not in said


def test_without_the_identity_provider_nobody_is_let_in(
    open_app: OpenApp, person: Callable[..., Employee], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(person())
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:1")
    assert "We can't check your sign-in right now" in words(app.run())


def test_without_a_lake_the_page_says_so(home: Path, open_app: OpenApp, person: Callable[..., Employee]) -> None:
    (home / "lake" / "catalog.sqlite").unlink()
    assert "Your records can't be read right now" in words(open_app(person()))


def test_signing_out_shows_the_welcome(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    app = open_app(ada)
    app = next(button for button in app.button if button.label == "Sign out").click().run()
    assert "See what your employer's AI training holds about you" in words(app)


def test_a_tab_starts_empty_for_another_person(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, application="Excel")
    capture(bob, application="Chrome")
    app: AppTest = open_app(ada, page="captured")
    app.session_state["request_draft"] = "of ada"
    app.user = open_app(bob).user
    app.run()
    assert "request_draft" not in app.session_state
    assert "Excel" not in words(app)


def test_an_unexpected_error_shows_only_a_reference(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    ada = person()
    capture(ada)

    def fail(*_: object) -> None:
        raise RuntimeError("the captured text of Ada")

    monkeypatch.setattr("queries.overview.summary", fail)
    app = open_app(ada)
    assert "Something went wrong on our side" in words(app)
    assert len(app.code[0].value) == 8
    assert not app.exception
    assert "captured text" not in words(app)


def test_a_fragment_checks_the_sign_in(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 300, content={"text": "hello"})
    app = open_app(ada, page="captured")
    assert len(app.dataframe) == 1
    app.user = {**app.user, "exp": int(clock.now().timestamp()) - 1}
    app = next(button for button in app.button if button.label == "Later").click().run()
    assert "Please sign in again" in words(app)
    assert not app.dataframe
    assert not tables(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("names", ["sub", "sid"])
def test_a_sign_in_ended_by_the_provider_shows_nothing(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, issuer: Issuer, page: str, names: str
) -> None:
    ada = person()
    capture(ada, 3)
    app = open_app(ada, page=page, sid="a-session")
    assert "Please sign in again" not in words(app)
    logout_tokens.sign_out(issuer.logout_token(**{names: "ada" if names == "sub" else "a-session"}))
    app.run()
    assert "Please sign in again" in words(app)
    assert not app.dataframe
    assert not tables(app)
    assert not app.metric


def test_an_open_tab_checks_its_sign_in_by_itself(
    open_app: OpenApp, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[ForwardMsg] = []
    enqueue = ScriptRunContext.enqueue

    def noted(self: ScriptRunContext, message: ForwardMsg) -> None:
        sent.append(message)
        enqueue(self, message)

    monkeypatch.setattr(ScriptRunContext, "enqueue", noted)
    open_app(person())
    paces = [message.auto_rerun.interval for message in sent if message.WhichOneof("type") == "auto_rerun"]
    assert identity.WATCH_SECONDS in paces
