"""The privacy office: requests by deadline, decisions, holds; for officers only, and without captured content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import clock
import timekeeping
from api_client import GovernanceClient
from dashboard.officer import holds
from directory import Directory, Employee
from governance.api.monitoring import health
from governance.db import worker_slots
from lake.storage import verifying
from law.reasons import REASONS, words_of
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_requests import press
from tests.support.damage import file_of, truncated
from tests.support.lake import hold

SECRET = "the words that Ada typed"
NOTE = "Somebody else sat at my desk"


@pytest.fixture
def officer(person: Callable[..., Employee]) -> Employee:
    return person("ines@example.com", role="privacy_officer")


@pytest.fixture
def a_note_waits(
    api: str, person: Callable[..., Employee], capture: Capture, token_for: Callable[..., str]
) -> tuple[Employee, Any]:
    ada = person("ada@example.com")
    capture(ada, 9, content={"text": SECRET})
    with GovernanceClient(api, token_for(ada)) as client:
        return ada, client.file_request("rectification", note=NOTE)


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_the_office_is_for_officers_only(
    open_app: OpenApp, person: Callable[..., Employee], a_note_waits: tuple[Employee, Any], role: str
) -> None:
    app = open_app(person("bob@example.com", role=role), page="officer")
    said = words(app)
    assert "This page is for the privacy officer" in said
    assert "Due on" not in said
    assert not any(button.label.startswith(("Approve", "Deny", "Lift")) for button in app.button)


def test_a_former_officer_sees_nothing(
    open_app: OpenApp, officer: Employee, a_note_waits: tuple[Employee, Any], tmp_path: Path
) -> None:
    assert "1 request is open" in words(open_app(officer, page="officer"))
    file = tmp_path / "after.csv"
    line = "ada@example.com,Ada,ada,Finance,Accounts,employee,,gdpr"
    file.write_text(f"email,name,sub,department,team,role,manager,regime\n{line}\n")
    with Directory.open() as directory:
        directory.synchronise(file)
    app = open_app(officer, page="officer", iat=int(clock.now().timestamp()) + 1)  # leaving ends earlier sign-ins
    assert "This page is for the privacy officer" in words(app)
    assert a_note_waits[0].name not in words(app)
    assert not app.button or not any(button.label.startswith(("Approve", "Deny", "Lift")) for button in app.button)


def test_officers_cannot_decide_on_their_own_records(
    open_app: OpenApp, officer: Employee, capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    capture(officer, 3)
    with GovernanceClient(api, token_for(officer)) as client:
        client.file_request("rectification", note=NOTE)
    hold(officer)
    app = open_app(officer, page="officer")
    assert "This request is your own. Another privacy officer has to decide on it." in words(app)
    assert "This hold is on your own records. Another privacy officer has to decide on it." in words(app)
    assert not any(button.label.startswith(("Approve", "Move", "Deny", "Lift")) for button in app.button)


def test_an_untrusted_clock_is_shown_to_the_officer(
    open_app: OpenApp, officer: Employee, a_note_waits: tuple[Employee, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "can't be trusted" not in words(open_app(officer, page="officer"))
    yesterday = timekeeping.Reading(clock.now() - timedelta(days=1), "sso.example", independent=True)
    monkeypatch.setattr(timekeeping, "second_source", lambda: yesterday)
    timekeeping.mark_path().unlink(missing_ok=True)
    timekeeping.look()
    said = words(open_app(officer, page="officer")).replace("\\", "").replace("\u2060", "")  # as markdown draws it
    assert "The clock of this machine can't be trusted." in said
    assert "What can't be undone waits; nothing is lost." in said


def test_officer_and_person_read_the_same_reason(
    open_app: OpenApp,
    officer: Employee,
    a_note_waits: tuple[Employee, Any],
    api: str,
    token_for: Callable[..., str],
) -> None:
    app = open_app(officer, page="officer")
    offered = {option for radio in app.radio for option in radio.options}
    assert offered >= {words_of(reason) for fitting in REASONS.values() for reason in fitting}
    ada, filed = a_note_waits
    with GovernanceClient(api, token_for(officer)) as client:
        client.officer.decide(filed.id, "deny", "excessive")
    with GovernanceClient(api, token_for(ada)) as client:
        decision = client.request(filed.id).decision
    assert decision is not None
    assert decision.words in offered


@pytest.mark.parametrize("shared", [True, False])
def test_a_shared_note_is_read_on_demand(
    open_app: OpenApp,
    officer: Employee,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    token_for: Callable[..., str],
    shared: bool,
) -> None:
    ada = person("ada@example.com")
    capture(ada, 9)
    with GovernanceClient(api, token_for(ada)) as client:
        client.file_request("rectification", note=NOTE, share_note=shared)
        app = open_app(officer, page="officer")
        assert NOTE not in str(words(app))
        offered = [button.label for button in app.button if button.label.startswith("Read the note")]
        assert bool(offered) == shared
        for label in offered:
            press(app, label)
            assert NOTE in [text.value for text in app.text]
        looked = [entry.what for entry in client.access_log().entries]
        assert ("note" in looked) == shared


def test_nothing_due_says_so(
    open_app: OpenApp, officer: Employee, api: str, capture: Capture, person: Callable[..., Employee]
) -> None:
    capture(person("ada@example.com"))
    said = words(open_app(officer, page="officer"))
    assert "No request is open." in said
    assert "No hold is in force" in said


def test_approving_a_request_shows_no_captured_content(
    open_app: OpenApp,
    officer: Employee,
    a_note_waits: tuple[Employee, Any],
    api: str,
    token_for: Callable[..., str],
) -> None:
    ada, filed = a_note_waits
    with GovernanceClient(api, token_for(ada)) as client:
        assert client.request(filed.id).state == "verifying"
    app = open_app(officer, page="officer")
    said = words(app)
    assert "1 request is open: 1 needs your decision." in said
    assert ada.name in said
    assert SECRET not in said
    assert NOTE not in said
    press(app, "Approve it")
    with GovernanceClient(api, token_for(ada)) as client:
        assert client.request(filed.id).decision.decision == "approve"  # type: ignore[union-attr]


def test_extending_and_denying_with_a_reason(
    open_app: OpenApp,
    officer: Employee,
    a_note_waits: tuple[Employee, Any],
    api: str,
    token_for: Callable[..., str],
) -> None:
    ada, filed = a_note_waits
    app = press(open_app(officer, page="officer"), "Move the deadline")
    assert not any(button.label == "Move the deadline" for button in app.button), "once"
    deny = next(button for button in app.button if button.label == "Deny it")
    assert deny.disabled, "a denial needs a reason"
    app = app.radio[0].set_value("others_rights").run()
    app = press(app, "Deny it")
    assert "No request is open." in words(app)
    with GovernanceClient(api, token_for(ada)) as client:
        request = client.request(filed.id)
    assert (request.state, request.extended) == ("denied", True)
    said = words(open_app(ada, page="requests"))
    assert "This was denied." in said
    assert "rights and freedoms of others" in said
    assert "**If you disagree:**" in said
    assert "In force" not in said


def test_overdue_requests_come_first(
    open_app: OpenApp,
    officer: Employee,
    a_note_waits: tuple[Employee, Any],
    person: Callable[..., Employee],
    api: str,
    token_for: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = clock.now
    bea = person("bea@example.com")
    monkeypatch.setattr(clock, "now", lambda: real() - timedelta(days=40))
    with GovernanceClient(api, token_for(bea)) as client:
        client.file_request("rectification", note=NOTE)
        monkeypatch.setattr(clock, "now", real)
    app = open_app(officer, page="officer")
    said = words(app)
    assert "2 requests are open: 1 is overdue and 2 need your decision." in said
    assert [header.value for header in app.subheader] == [f"Note: {bea.name}", f"Note: {a_note_waits[0].name}"]
    assert "Was due on" in said


def reach(app: AppTest) -> Any:
    return next(field for field in app.radio if field.label == "What does it keep?")


def test_a_hold_is_placed_seen_by_its_person_and_lifted(
    open_app: OpenApp, officer: Employee, a_note_waits: tuple[Employee, Any]
) -> None:
    ada, _ = a_note_waits
    app = open_app(officer, page="officer")
    app = press(app, "Look at it first")
    assert "Nothing has been placed yet" in words(app)
    by_label = {field.label: field for field in app.text_input}
    by_label["Whose records? Their e-mail address"].set_value(ada.email)
    by_label["Case"].set_value("HR-2026/17")
    next(field for field in app.selectbox if field.label.startswith("Legal exception")).set_value("gdpr_17_3_e")
    app = press(app, "Look at it first")
    assert "Enter the e-mail address, what it keeps, the case" in words(app), "everything has to be chosen"
    reach(app).set_value(holds.SOME)
    assert "Choose kinds, applications or a time" in words(press(app, "Look at it first"))
    reach(app).set_value(holds.ALL)
    app = press(app, "Look at it first")
    assert "This keeps **everything about them in this register** of ada" in words(app)
    assert "No hold is in force" in words(app)
    app = press(app, "Change it")
    assert [field.value for field in app.text_input[:2]] == [ada.email, "HR-2026/17"]
    app = press(press(app, "Look at it first"), "Place this hold")
    said = words(app)
    assert "Keeps everything about them in this register" in said
    assert SECRET not in said
    held = words(open_app(ada, page="retention"))
    assert "9 records can't be deleted for now" in held
    assert "HR\\-2026\\/17" in held
    app = press(app, "Lift this hold")
    assert "No hold is in force" in words(app)
    assert "None of your data is under a legal hold" in words(open_app(ada, page="retention"))


def test_a_hold_on_an_unknown_person_is_refused(open_app: OpenApp, officer: Employee, api: str) -> None:
    app = open_app(officer, page="officer")
    by_label = {field.label: field for field in app.text_input}
    by_label["Whose records? Their e-mail address"].set_value("nobody@example.com")
    by_label["Case"].set_value("HR-2026/17")
    next(field for field in app.selectbox if field.label.startswith("Legal exception")).set_value("gdpr_17_3_e")
    reach(app).set_value(holds.ALL)
    app = press(press(app, "Look at it first"), "Place this hold")
    assert "Nothing was placed." in words(app)
    assert "is not an address in the directory" in words(app)
    assert app.text_input[0].value == "nobody@example.com"


def test_without_the_api_the_page_says_so(
    open_app: OpenApp, officer: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    assert "can't be reached right now" in words(open_app(officer, page="officer"))


def test_lake_problems_are_shown_to_the_officer(
    open_app: OpenApp,
    officer: Employee,
    api: str,
    capture: Capture,
    person: Callable[..., Employee],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "SECONDS", 120.0)
    ada = person("ada@example.com")
    capture(ada, 9)
    with worker_slots.place():
        assert "people who run Open Book" not in words(open_app(officer, page="officer"))
    assert "No worker is running" in words(open_app(officer, page="officer"))
    truncated(file_of(ada))
    verifying.verify()
    assert "1 file of the lake with 9 rows" in words(open_app(officer, page="officer"))


def test_the_officer_decides_about_another_sign_in_id(
    open_app: OpenApp, officer: Employee, person: Callable[..., Employee], api: str
) -> None:
    ada = person("ada@example.com", name="Ada Lovelace")
    assert "Sign-in changes" not in words(open_app(officer, page="officer"))
    person("ada@example.com", name="Ada King", sub="oidc-ada")
    app = open_app(officer, page="officer")
    said = words(app).replace("\\", "").replace("\u2060", "")  # as markdown draws it
    assert "1 person has another sign-in id in the HR system's file" in said
    assert all(name in said for name in ("Ada Lovelace", "Ada King", "oidc-ada"))
    press(app, "It is the same person")
    assert "Sign-in changes" not in words(app)
    with Directory.open() as directory:
        linked = directory.by_sub("oidc-ada")
    assert linked is not None
    assert (linked.subject, linked.name) == (ada.subject, "Ada King")
