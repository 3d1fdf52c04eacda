"""The weekly digest: counts only, once a week, for officers, an address and webhooks."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.notifying import digests, webhooks
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Hook, Mails
from tests.governance.notifying.test_mail import text_of
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

DAY = timedelta(days=1)


@pytest.fixture
def olga(person: Company, capture: Capture, at: Clock) -> Employee:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 3, text="the merger with Globex")
    at(START + DAY)
    return olga


def file(client: TestClient) -> str:
    answer = client.post("/v1/requests", json={"type": "objection", "scope": {}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_officers_and_the_council_get_counts_once_a_week(
    api: Client, olga: Employee, person: Company, mails: Mails, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DIGEST_ADDRESS", "council@example.com")
    digests.carry_out()
    mails.received.clear()
    carry_out(file(api(person("ada@example.com"))))
    for days in (8, 9):
        at(START + days * DAY)
        digests.carry_out()
    assert sorted(mail["To"] for mail in mails.received) == ["council@example.com", "olga@example.com"]
    for mail in mails.received:
        text = text_of(mail)
        assert "Requests received: 1" in text
        assert "Requests ended: 1" in text
        assert "Globex" not in text
        assert "ada@example.com" not in text
        assert bool(mail["List-Unsubscribe"]) == (mail["To"] == olga.email)
    at(START + 15 * DAY)
    digests.carry_out()
    assert len(mails.received) == 4


def test_an_officer_who_does_not_want_it_gets_none(api: Client, olga: Employee, mails: Mails, at: Clock) -> None:
    choice = {"app": [], "mail": ["requests"]}
    api(olga).put("/v1/me/notifications/settings", json=choice)
    digests.carry_out()
    assert mails.received == []


def test_a_webhook_gets_it_and_is_asked_again_if_it_fails(
    olga: Employee, hook: Hook, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DIGEST_WEBHOOKS", hook.url)
    hook.status = 500
    digests.carry_out()
    hook.status = 200
    at(START + DAY + timedelta(hours=2))
    for _ in range(3):
        digests.carry_out()
    assert len(hook.bodies) == 2
    assert hook.bodies[0] == hook.bodies[1]
    assert "Requests open now: 0" in orjson.loads(hook.bodies[1])["text"]


def test_teams_workflows_get_a_card() -> None:
    card = webhooks._card("one\ntwo")
    [attachment] = card["attachments"]
    assert [block["text"] for block in attachment["content"]["body"]] == ["one", "two"]
