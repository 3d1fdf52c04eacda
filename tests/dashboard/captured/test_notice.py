"""What a person was told, on Overview, with the real API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from streamlit.testing.v1 import AppTest

from api_client import GovernanceClient
from dashboard.wording import signal_words
from directory import Directory, Employee
from lake.rules.policies import apply_policies, read_policies
from lake.rules.scope import SIGNALS
from lake.storage.connection import writer
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import allow


def test_a_click_says_that_it_was_read(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    app = open_app(ada)
    assert "Your employer says that it told people on 1 December 2018: letter." in words(app)
    assert any("In which applications: Excel" in text.value for text in app.text)
    app.button(key="notice_read").click().run()
    assert not any(button.label == "I have read this" for button in app.button)
    assert not any(button.label == "I have read this" for button in open_app(ada).button)


def test_a_notice_is_read_in_ones_language_and_confirmed_as_it_is_kept(
    open_app: OpenApp, person: Callable[..., Employee], api: str, token_for: Callable[..., str]
) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    app = open_app(ada, locale="de")
    german, english = (next(text.value for text in app.text if line in text.value) for line in ("Zweck: ", "Purpose: "))
    assert "In welchen Anwendungen: Excel" in german
    assert "In which applications: Excel" in english
    assert "Was Sie bestätigen, ist der englische Text." in words(app)
    app.button(key="notice_read").click().run()
    with GovernanceClient(api, token_for(ada)) as client:
        [notice] = client.recording.notices()
    assert notice.read_at is not None
    assert (notice.text, notice.translation) == (f"{english}\n", "")
    assert notice.sha256 == sha256(notice.text.encode()).hexdigest()


def test_what_is_recorded_is_named_as_everywhere(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    [line] = [
        line for text in open_app(ada).text for line in text.value.splitlines() if line.startswith("What is recorded: ")
    ]
    assert line == f"What is recorded: {', '.join(signal_words(signal) for signal in SIGNALS)}"
    assert "keystroke" not in line


def test_consent_is_given_and_withdrawn_by_clicks(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    with writer() as connection:
        [policy] = read_policies(connection)
        apply_policies(connection, [replace(policy, legal_basis="GDPR 6(1)(a)")])
    app = open_app(ada)
    assert "Nothing is stored under this policy unless you consent." in words(app)
    click(app, "I consent")
    assert "you consented on" in words(app)
    click(app, "Withdraw my consent")
    click(app, "I have read this")
    assert "you don't consent, so nothing is stored" in words(app)
    with Directory.open() as directory:
        assert [one.withdrawn_at is None for one in directory.consents_of(ada.subject).every] == [False]


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
