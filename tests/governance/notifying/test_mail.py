"""E-mail as it arrives at a real mail server: what it says, that nothing is lost, and that people can end it."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.db.database import reading
from governance.notifying import mailing, messages
from governance.notifying.tables import MessageRow
from languages.language import language
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Mails, looked_and_sent
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

SECRET = "the merger with Globex"
HOUR = timedelta(hours=1)
EVERYTHING: dict[str, object] = {"type": "erasure", "scope": {}}


@pytest.fixture
def ada(person: Company, capture: Capture, at: Clock) -> Employee:
    ada = person("ada@example.com", name="Ada Lovelace")
    capture(ada, 3, application="Secretbook", text=SECRET)
    at(START + timedelta(days=1))
    return ada


def file(client: TestClient, kind: str = "export", **more: object) -> str:
    answer = client.post("/v1/requests", json={"type": kind, "scope": {}, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def text_of(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def link_of_any(mail: EmailMessage) -> str:
    [link] = re.findall(r"^<(\S+)>$", mail["List-Unsubscribe"])
    return str(link)


def link_of(mail: EmailMessage) -> str:
    link = link_of_any(mail)
    parts = urlsplit(link)
    assert link in text_of(mail)
    return f"{parts.path}?{parts.query}"


def test_a_copy_is_announced_without_saying_what_is_in_it(api: Client, ada: Employee, mails: Mails) -> None:
    request = file(api(ada))
    looked_and_sent()
    assert mails.received == []
    carry_out(request)
    looked_and_sent()
    [mail] = mails.of(ada)
    assert mail["Subject"] == "Your copy is ready"
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe-Post"]) == ("auto-generated", "List-Unsubscribe=One-Click")
    assert "/requests" in text_of(mail)
    whole = mail.as_string()
    for planted in ("Globex", "Secretbook", "Lovelace", request, str(ada.subject)):
        assert planted not in whole
    looked_and_sent()
    assert len(mails.received) == 1


def test_it_is_in_the_language_that_the_person_chose(api: Client, ada: Employee, mails: Mails) -> None:
    settings = "/v1/me/notifications/settings"
    chosen = api(ada).get(settings).json()
    assert chosen["language"] is None
    body = {"app": chosen["app"], "mail": chosen["mail"]}
    assert api(ada).put(settings, json=body | {"language": "xx"}).status_code == 422
    assert api(ada).put(settings, json=body | {"language": "de"}).json()["language"] == "de"
    assert api(ada).put(settings, json=body).json()["language"] == "de", "left out: as before"
    carry_out(file(api(ada)))
    looked_and_sent()
    [mail] = mails.of(ada)
    german = language("de")
    assert mail["Subject"] == german.t("Your copy is ready") != "Your copy is ready"
    assert german.t("Stop these e-mails: {link}", link=link_of_any(mail)) in text_of(mail)


def test_without_a_choice_it_is_in_the_language_of_the_newest_request(
    api: Client, ada: Employee, mails: Mails, at: Clock
) -> None:
    for day, code in enumerate(("fr", "es"), start=2):
        at(START + timedelta(days=day))
        client = api(ada)
        client.headers["Accept-Language"] = f"{code},en;q=0.5"
        carry_out(file(client, "objection", scope={"applications": [code]}))
        looked_and_sent()
    ended = "A request of yours is done"
    assert [mail["Subject"] for mail in mails.of(ada)] == [language("fr").t(ended), language("es").t(ended)]
    at(START + timedelta(days=4))
    carry_out(file(api(ada)))
    looked_and_sent()
    assert mails.of(ada)[-1]["Subject"] == "Your copy is ready", "a program that asks in no language gets English"


def test_a_mail_server_that_is_away_delays_nothing_and_loses_nothing(
    api: Client, ada: Employee, mails: Mails, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setenv("OPENBOOK_MAIL_SERVER", "smtp://127.0.0.1:1")
        request = file(api(ada))
        carry_out(request)
        looked_and_sent()
        assert api(ada).get(f"/v1/requests/{request}").json()["state"] == "completed"
    mailing.carry_out()
    assert mails.received == [], "there is a pause before the next attempt"
    at(clock.now().replace(tzinfo=None) + HOUR)
    mailing.carry_out()
    assert [mail["Subject"] for mail in mails.of(ada)] == ["Your copy is ready"]


def test_a_server_that_refuses_for_now_is_asked_again(api: Client, ada: Employee, mails: Mails, at: Clock) -> None:
    carry_out(file(api(ada)))
    mails.answer = "451 try later"
    looked_and_sent()
    mails.answer = "250 OK"
    at(clock.now().replace(tzinfo=None) + HOUR)
    mailing.carry_out()
    assert len(mails.of(ada)) == 1


@pytest.mark.parametrize("answer", ["451 try later", "550 no such mailbox"])
def test_attempts_end(api: Client, ada: Employee, mails: Mails, at: Clock, answer: str) -> None:
    carry_out(file(api(ada)))
    mails.answer = answer
    looked_and_sent()
    at(START + timedelta(days=9))
    mailing.carry_out()
    with reading() as session:
        [row] = session.scalars(select(MessageRow))
    assert (row.sent, row.ended_at is not None) == (False, True)
    assert [each["kind"] for each in api(ada).get("/v1/me/notifications").json()] == ["copy_ready"]


def test_a_worker_killed_after_sending_sends_the_same_message_again_and_no_more(
    api: Client, ada: Employee, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(file(api(ada)))

    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(messages, "end", kill)
        with pytest.raises(Killed):
            looked_and_sent()
    for _ in range(3):
        looked_and_sent()
    first, second = mails.of(ada)
    assert first["Message-ID"] == second["Message-ID"]
    assert text_of(first) == text_of(second)


def test_several_events_are_one_mail_and_a_day_has_few(api: Client, ada: Employee, mails: Mails, at: Clock) -> None:
    api(ada).put("/v1/me/notifications/settings", json={"app": [], "mail": ["requests", "violations"]})
    for number in range(8):
        at(START + timedelta(days=2, hours=number))
        carry_out(file(api(ada), "objection", scope={"applications": [f"App {number}"]}))
        looked_and_sent()
    assert len(mails.of(ada)) == messages.MOST_A_DAY
    at(START + timedelta(days=3, hours=1))
    looked_and_sent()
    assert len(mails.of(ada)) == messages.MOST_A_DAY + 1, "the rest, in one"


def test_the_link_in_a_mail_ends_them_when_it_is_confirmed(
    api: Client, unknown: TestClient, ada: Employee, mails: Mails, at: Clock
) -> None:
    carry_out(file(api(ada)))
    looked_and_sent()
    [mail] = mails.of(ada)
    link = link_of(mail)
    page = unknown.get(link)
    assert (page.status_code, "<form" in page.text, page.headers["content-type"][:9]) == (200, True, "text/html")
    assert "requests" in api(ada).get("/v1/me/notifications/settings").json()["mail"], "scanners follow links"
    body = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        assert unknown.post(link, data=body).status_code == 200
    assert api(ada).get("/v1/me/notifications/settings").json()["mail"] == []
    carry_out(file(api(ada), "objection"))
    looked_and_sent()
    assert mails.of(ada) == [mail]


def test_a_link_of_somebody_else_or_changed_opens_nothing(
    api: Client, unknown: TestClient, ada: Employee, mails: Mails
) -> None:
    carry_out(file(api(ada)))
    looked_and_sent()
    link = link_of(mails.of(ada)[0])
    for wrong in (link[:-6] + "AAAA==", link[:-4], "/no-more-mail?token=", f"/no-more-mail?token={'A' * 64}"):
        assert unknown.get(wrong).status_code == 404
        assert unknown.post(wrong).status_code == 404
    assert api(ada).get("/v1/me/notifications/settings").json()["mail"] != []


def test_what_waits_is_not_sent_once_it_is_not_wanted(api: Client, ada: Employee, mails: Mails) -> None:
    carry_out(file(api(ada)))
    mails.answer = "451 try later"
    looked_and_sent()
    api(ada).put("/v1/me/notifications/settings", json={"app": ["requests"], "mail": []})
    mails.answer = "250 OK"
    looked_and_sent()
    assert mails.received == []


def test_whoever_has_left_gets_none(api: Client, ada: Employee, person: Company, mails: Mails) -> None:
    person("bob@example.com")
    carry_out(file(api(ada)))
    person.leave("ada@example.com")
    looked_and_sent()
    assert mails.received == []


def test_without_a_mail_server_nothing_waits_for_one(api: Client, ada: Employee) -> None:
    carry_out(file(api(ada)))
    looked_and_sent()
    with reading() as session:
        assert list(session.scalars(select(MessageRow))) == []
    assert api(ada).get("/v1/me/notifications/settings").json()["mail_available"] is False
