"""A person's own webhook of Slack or Teams: what it gets, whose it may be, and that it never comes out again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from directory import Employee
from governance.db.database import reading
from governance.notifying import choices, messages, webhooks
from governance.notifying.tables import ChoiceRow
from languages.language import language
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Hook, looked_and_sent
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support.disk import files_with
from tests.support.people import Company

__all__ = ["at"]

CHAT = "/v1/me/notifications/chat"
SETTINGS = "/v1/me/notifications/settings"
SECRET = "the merger with Globex"
DAY = timedelta(days=1)
ENDED = "A request of yours is done"


@pytest.fixture
def ada(person: Company, capture: Capture, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Employee:
    monkeypatch.setenv("OPENBOOK_CHAT_HOSTS", "127.0.0.1,hooks.slack.com,.logic.azure.com")
    ada = person("ada@example.com")
    capture(ada, 3, application="Secretbook", text=SECRET)
    at(START + DAY)
    return ada


@pytest.fixture
def connected(api: Client, ada: Employee, hook: Hook) -> TestClient:
    client = api(ada)
    answer = client.put(CHAT, json={"webhook": hook.url})
    assert answer.status_code == 200, answer.text
    return client


def objection_ends(client: TestClient, application: str = "Excel") -> None:
    filed = client.post("/v1/requests", json={"type": "objection", "scope": {"applications": [application]}})
    assert filed.status_code == 201, filed.text
    carry_out(filed.json()["id"])
    looked_and_sent()


def test_it_gets_what_happens_and_where_to_look_and_nothing_of_it(connected: TestClient, hook: Hook) -> None:
    objection_ends(connected, "Secretbook")
    first, told = hook.texts
    assert first.startswith("You chose to get")
    assert told.splitlines()[0] == f"{ENDED}:"
    assert told.splitlines()[1].endswith("/requests")
    assert not any(word in text for word in ("Secretbook", "Globex", "ada@example.com") for text in hook.texts)
    looked_and_sent()
    assert len(hook.bodies) == 2, "once"


def test_its_address_is_never_given_out_and_not_readable_where_it_is_stored(
    connected: TestClient, hook: Hook, home: Path
) -> None:
    answer = connected.get(SETTINGS)
    assert answer.json()["chat_host"] == "127.0.0.1"
    assert answer.json()["chat"] == ["requests", "violations"]
    assert "services" not in answer.text
    with reading() as session:
        sealed = session.scalars(select(ChoiceRow.sealed_webhook)).one()
    assert sealed
    assert b"services" not in sealed
    assert files_with(home, [b"sealed_webhook"]), "the files are looked at"
    assert files_with(home, [hook.url.encode()]) == []


def test_each_chooses_what_and_in_which_language(connected: TestClient, hook: Hook) -> None:
    choice = {"app": [], "mail": [], "chat": ["violations"]}
    assert connected.put(SETTINGS, json=choice).json()["chat"] == ["violations"]
    objection_ends(connected)
    assert len(hook.bodies) == 1
    connected.put(SETTINGS, json={**choice, "chat": ["requests"], "language": "de"})
    assert connected.put(SETTINGS, json={"app": [], "mail": []}).json()["chat"] == ["requests"], "as before"
    objection_ends(connected, "Word")
    assert hook.texts[1].splitlines()[0] == f"{language('de').t(ENDED)}:"


def test_a_call_that_fails_is_repeated(connected: TestClient, hook: Hook, at: Clock) -> None:
    hook.status = 500
    objection_ends(connected)
    hook.status = 200
    at(START + DAY + timedelta(hours=2))
    looked_and_sent()
    looked_and_sent()
    assert len(hook.bodies) == 3
    assert hook.bodies[1] == hook.bodies[2]


def test_a_day_has_few(api: Client, ada: Employee, connected: TestClient, hook: Hook, at: Clock) -> None:
    for number in range(messages.MOST_A_DAY + 2):
        at(START + 2 * DAY + timedelta(hours=number))
        objection_ends(api(ada), f"App {number}")
    assert len(hook.bodies) == 1 + messages.MOST_A_DAY


@pytest.mark.parametrize("status", sorted(webhooks.GONE))
def test_one_that_was_removed_there_is_forgotten(connected: TestClient, hook: Hook, status: int) -> None:
    hook.status = status
    objection_ends(connected)
    assert connected.get(SETTINGS).json()["chat_host"] is None
    objection_ends(connected, "Word")
    assert len(hook.bodies) == 2


def test_it_can_be_disconnected_and_what_waits_is_not_sent(connected: TestClient, hook: Hook) -> None:
    for _ in range(2):
        answer = connected.delete(CHAT)
        assert (answer.status_code, answer.json()["chat_host"]) == (200, None)
    objection_ends(connected)
    assert len(hook.bodies) == 1
    with reading() as session:
        assert session.scalars(select(ChoiceRow.sealed_webhook)).one() is None


def test_one_that_does_not_take_the_first_message_is_not_kept(api: Client, ada: Employee, hook: Hook) -> None:
    hook.status = 404
    answer = api(ada).put(CHAT, json={"webhook": hook.url})
    assert answer.status_code == 422
    assert "127.0.0.1 answered 404" in answer.text
    assert "services" not in answer.text
    assert choices.webhook_of(ada.subject) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com.example.com/services/x", "https://example.com/hooks.slack.com", "https://logic.azure.com/x",
        "http://hooks.slack.com/services/x", "file:///etc/passwd", "https://me:me@hooks.slack.com/x", "hooks.slack.com",
        "https://evil-logic.azure.com", "https://127.0.0.2/x", "http://[::1]/x",
    ],
)  # fmt: skip
def test_only_hosts_that_are_allowed_are_called(
    api: Client, ada: Employee, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "post", lambda *_: pytest.fail("called"))
    answer = api(ada).put(CHAT, json={"webhook": url})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/body/webhook"


def test_hosts_below_one_with_a_dot_are_allowed(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def post(url: str, _text: str) -> int:
        called.append(url)
        return 202

    monkeypatch.setattr(webhooks, "post", post)
    wanted = "https://prod-1.WestEurope.logic.azure.com/workflows/x"
    assert api(ada).put(CHAT, json={"webhook": wanted}).json()["chat_host"] == "prod-1.westeurope.logic.azure.com"
    assert called == [wanted]


def test_a_host_that_is_not_allowed_any_more_is_called_no_more(
    connected: TestClient, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_CHAT_HOSTS", "")
    objection_ends(connected)
    assert len(hook.bodies) == 1
    assert connected.get(SETTINGS).json() | {"chat_host": None, "chat_hosts": []} == connected.get(SETTINGS).json()
    assert "administrators allow no host" in connected.put(CHAT, json={"webhook": hook.url}).text


def test_an_erasure_of_everything_forgets_it(connected: TestClient, hook: Hook) -> None:
    filed = connected.post("/v1/requests", json={"type": "erasure", "scope": {}})
    assert filed.status_code == 201, filed.text
    carry_out(filed.json()["id"])
    looked_and_sent()
    told = connected.get(SETTINGS).json()
    assert (told["chat_host"], told["chat"]) == (None, [])
    assert len(hook.bodies) == 1
