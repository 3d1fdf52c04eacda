"""What a person reads about what happened since their last visit, and how they choose to be told, with the real API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.notifications import chat, panel
from directory import Employee
from governance.db.database import writing
from governance.notifying import choices
from governance.notifying.kinds import Group, Kind
from governance.notifying.telling import tell
from tests.dashboard.conftest import OpenApp, words
from tests.governance.notifying.conftest import Hook, hook
from tests.lake.ingesting import allow

__all__ = ["hook"]


@pytest.fixture
def ada(person: Callable[..., Employee], api: str) -> Employee:
    allow(["Excel"])
    return person("ada@example.com")


def happens(person: Employee, kind: Kind, about: str) -> None:
    with writing() as session:
        tell(session, kind, [(person.subject, about)])


def test_news_are_listed_until_they_are_marked_as_seen(
    open_app: OpenApp, ada: Employee, person: Callable[..., Employee]
) -> None:
    assert "Since your last visit" not in words(open_app(ada))
    happens(ada, Kind.RECORDER_SILENT, "1")
    for number in range(6):
        happens(ada, Kind.POLICY_ANNOUNCED, str(number))
    app = open_app(ada)
    shown = words(app)
    assert "Since your last visit" in shown
    assert shown.count("There is a new notice about what may be recorded") == 1
    assert "There is a new notice about what may be recorded (6 times, last on " in shown
    assert "more event" not in shown
    app.button(key=panel.SEEN).click().run()
    assert "Since your last visit" not in words(app)
    assert "Since your last visit" not in words(open_app(ada))
    happens(ada, Kind.RECORDER_RESUMED, "1")
    assert "reports again" in words(open_app(ada))
    assert "Since your last visit" not in words(open_app(person("bob@example.com")))


def test_a_person_chooses_how_they_are_told(open_app: OpenApp, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_MAIL_SERVER", "smtp://localhost:1")
    app = open_app(ada)
    app.toggle(key="notifications_choosing").set_value(True).run()
    assert panel.MAILBOX in words(app)
    app.checkbox(key="told_mail_requests").uncheck()
    app.checkbox(key="told_app_models").uncheck()
    [save] = [button for button in app.button if button.label == "Save"]
    save.click().run()
    assert "Saved." in words(app)
    chosen = choices.of_person(ada.subject)
    assert chosen.mail == {Group.VIOLATIONS, Group.DIGEST}
    assert chosen.app == set(Group) - {Group.MODELS}


def test_a_person_connects_chat_chooses_what_it_gets_and_disconnects_it(
    open_app: OpenApp, ada: Employee, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_CHAT_HOSTS", "127.0.0.1")
    app = open_app(ada)
    app.toggle(key="notifications_choosing").set_value(True).run()
    app.text_input(key=chat.ADDRESS).set_value("https://example.com/hook")
    app.button(key=chat.CONNECT).click().run()
    assert "A webhook has to begin with" in words(app)
    app.text_input(key=chat.ADDRESS).set_value(hook.url)
    app.button(key=chat.CONNECT).click().run()
    assert "Connected to" in words(app)
    assert "services" not in words(app)
    assert chat.WHO_READS in words(app)
    app.checkbox(key="told_chat_models").check()
    app.checkbox(key="told_chat_requests").uncheck()
    app.button(key=panel.SAVED).click().run()
    assert choices.of_person(ada.subject).chat == {Group.MODELS, Group.VIOLATIONS}
    app.button(key=chat.DISCONNECT).click().run()
    assert "Connected to" not in words(app)
    assert choices.of_person(ada.subject).chat_host is None


def test_chat_is_not_offered_where_no_host_is_allowed(open_app: OpenApp, ada: Employee) -> None:
    app = open_app(ada)
    app.toggle(key="notifications_choosing").set_value(True).run()
    assert "Slack" not in words(app)


def test_without_the_api_overview_has_no_news_and_stands(
    open_app: OpenApp, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(ada, Kind.RECORDER_SILENT, "1")
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    app = open_app(ada)
    assert not app.exception
    assert "Since your last visit" not in words(app)
