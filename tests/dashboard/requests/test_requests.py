"""Requests: preview, filing once, following; a deletion only after an explicit last step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st

import clock
from api_client import GovernanceClient
from dashboard.sign_in import sessions
from directory import Employee
from lake.lineage.graph import ModelVersion
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.recorded import DAY, record_model
from tests.support import lineage
from tests.support.damage import file_of, truncated
from tests.support.lake import hold


def press(app: Any, label: str) -> Any:
    return next(button for button in app.button if button.label == label).click().run()


def choose(app: Any, kind: str, how_much: str = "everything") -> Any:
    app = app.radio[0].set_value(kind).run()
    return app.radio[1].set_value(how_much).run()


@pytest.fixture
def filed(api: str, token_for: Callable[..., str]) -> Callable[[Employee], list[Any]]:
    def requests(employee: Employee) -> list[Any]:
        with GovernanceClient(api, token_for(employee)) as client:
            return [client.request(request.id) for request in client.requests()]

    return requests


def test_a_deletion_needs_its_last_step(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert "9 records would be deleted from this register" in words(app)
    delete = next(button for button in app.button if button.label == "Delete 9 records")
    assert delete.disabled
    assert filed(ada) == []
    app = app.checkbox[0].check().run()
    app = press(app, "Delete 9 records")
    (request,) = filed(ada)
    assert (request.type, request.state, request.scope) == ("erasure", "received", {})
    assert "We must answer by" in words(app)
    assert "GDPR: one calendar month" in words(app)
    assert not any(button.label.startswith("Delete ") for button in app.button)


def test_a_changed_draft_needs_a_new_preview(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "export"), "Show what this covers")
    assert "9 records would be in your copy" in words(app)
    app = app.radio[0].set_value("erasure").run()
    assert "9 records would" not in words(app)
    assert not any(button.label == "Ask for this copy" for button in app.button)


def test_only_some_of_it_becomes_a_scope(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
) -> None:
    ada = person()
    capture(ada, 9)
    capture(ada, 5, application="Chrome")
    app = choose(open_app(ada, page="requests"), "export", "some")
    app = app.multiselect[0].select("Chrome").run()
    app = press(app, "Show what this covers")
    assert "5 records would be in your copy" in words(app)
    press(app, "Ask for this copy")
    (request,) = filed(ada)
    assert request.scope == {"applications": ["Chrome"]}


def test_only_some_of_it_never_means_everything(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    app = app.checkbox[0].check().run()
    app = app.radio[1].set_value("some").run()
    assert "Choose at least one application, kind or time." in words(app)
    assert "9 records would" not in words(app)
    assert not any(button.label.startswith(("Delete ", "Show what")) for button in app.button)
    app = app.radio[1].set_value("everything").run()
    assert not any(button.label.startswith("Delete ") for button in app.button)
    assert filed(ada) == []


def test_a_period_that_ends_before_it_begins_covers_nothing(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    app = choose(open_app(ada, page="requests"), "erasure", "some")
    app = app.multiselect[0].select("Excel").run()
    from_at, until_at = app.datetime_input
    from_at.set_value(AT + timedelta(hours=2))
    until_at.set_value(AT)
    app = app.run()
    assert "must be before" in words(app)
    assert not any(button.label.startswith(("Delete ", "Show what")) for button in app.button)
    app.datetime_input[1].set_value(AT + timedelta(hours=3))
    assert any(button.label == "Show what this covers" for button in app.run().button)


def test_a_deletion_preview_names_models_that_may_have_learned(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    record_model(None, 0, "Lumen", manifest=False)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert "Some models may have been trained on it; see Models." in words(app)
    record_model(ada, 9, "Quill")
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert "These were trained on some of it: Quill" in words(app)
    assert "Others may have been; see Models." in words(app)
    assert "What a model learned stays in it" in words(app)


def test_a_preview_names_as_trained_only_what_is_proven(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    record_model(ada, 9, "Quill")
    sable, lumen = (ModelVersion(name, "1.0", "Drafts", "Inkwell", AT) for name in ("Sable", "Lumen"))
    with writer() as connection:
        datasets = [
            lineage.dataset(connection, "replies", version, AT, [(ada.subject, DAY, "keystroke", "Excel", events)])
            for version, events in (("4", 9), ("5", 7))
        ]
        lineage.train(connection, sable, datasets, AT)
        for dataset in datasets:  # either run may have made it
            lineage.train(connection, lumen, [dataset], AT)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    trained = "These were trained on some of it: Quill 1.0 (on 9 of them) and Sable 1.0 (on at least 9 of them)."
    assert trained in words(app).replace("\\", "")
    assert "Others may have been; see Models." in words(app)


def test_a_preview_says_what_a_hold_keeps(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 9)
    hold(ada)
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert "**9 records would stay**, because a law obliges your employer to keep this" in words(app)


def test_a_request_can_be_withdrawn_before_work_begins(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
) -> None:
    ada = person()
    capture(ada)
    app = press(choose(open_app(ada, page="requests"), "export"), "Show what this covers")
    app = press(app, "Ask for this copy")
    press(app, "Withdraw")
    assert [request.state for request in filed(ada)] == ["withdrawn"]


def test_nobody_sees_the_requests_of_another(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada)
    with GovernanceClient(api, token_for(ada)) as client:
        request = client.file_request("export")
    assert str(request.id) in words(open_app(ada, page="requests"))
    said = words(open_app(bob, page="requests"))
    assert "Nothing yet" in said
    assert str(request.id) not in said


def test_without_the_api_other_pages_still_work(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    ada = person()
    capture(ada)
    app = open_app(ada, page="requests")
    assert "Requests can't be reached right now." in words(app)
    assert "Records held" in [metric.label for metric in app.switch_page("views/overview.py").run().metric]


@pytest.mark.parametrize("how_much", ["everything", "some"])
def test_a_request_can_be_filed_with_a_damaged_lake(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
    how_much: str,
) -> None:
    ada = person()
    capture(ada, 9)
    for table in ("captures", "capture_rollup"):
        truncated(file_of(ada, table))
    app = choose(open_app(ada, page="requests"), "erasure", how_much)
    if how_much == "some":
        app = app.multiselect[1].select("keystroke").run()
    app = press(app, "Show what this covers")
    said = words(app)
    assert "can't be counted right now" in said
    assert "damaged" in said
    assert "Nothing was lost" not in said
    app = app.checkbox[0].check().run()
    app = press(app, "Delete what it covers")
    (request,) = filed(ada)
    assert request.scope == ({} if how_much == "everything" else {"signals": ["keystroke"]})
    assert "could not be counted" in request.history[1].note


def test_a_deletion_that_needs_a_sign_in_is_not_lost(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    filed: Callable[[Employee], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBOOK_STEP_UP_MINUTES", "10")
    ada = person()
    capture(ada, 9)
    capture(ada, 5, application="Chrome")
    app = choose(open_app(ada, page="requests"), "erasure", "some")
    app = press(app.multiselect[0].select("Chrome").run(), "Show what this covers")
    app = press(app.checkbox[0].check().run(), "Delete 5 records")
    assert "Nothing was submitted yet. Please sign in once more." in words(app)
    assert filed(ada) == []
    monkeypatch.setattr(st, "login", lambda: None)
    reference = app.user[sessions.CLAIM]
    app = press(app, "Sign in again")
    session = sessions.read(reference)
    assert session is not None
    assert session.wanted is not None
    again = open_app(ada, auth_time=int(clock.now().timestamp()))
    sessions.want(again.user[sessions.CLAIM], session.wanted)  # as the sign-in does
    again = again.switch_page("views/requests.py").run()
    assert "5 records would be deleted from this register" in words(again)
    press(again.checkbox[0].check().run(), "Delete 5 records")
    (request,) = filed(ada)
    assert (request.type, request.scope) == ("erasure", {"applications": ["Chrome"]})
