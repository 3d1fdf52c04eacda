"""Mail servers as they are: slow, without TLS, with a wrong certificate, gone in the middle; and the mail as HTML."""

from __future__ import annotations

import html.parser
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select

import clock
from directory import Employee
from governance.db.database import reading
from governance.notifying import mailing, smtp
from governance.notifying.tables import MessageRow
from settings import settings
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Mails, _AnyPort, looked_and_sent
from tests.governance.notifying.test_mail import HOUR, file, link_of_any, text_of
from tests.governance.opendsr.partner import Partner
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

Server = Callable[..., Any]


@pytest.fixture
def ada(person: Company, capture: Capture, at: Clock) -> Employee:
    ada = person("ada@example.com", name="Ada Lovelace")
    capture(ada, 3)
    at(START + timedelta(days=1))
    return ada


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """`server(handler, scheme, **options)`: a mail server at `localhost`, which the setting names."""
    running = []

    def start(handler: object, scheme: str = "smtp", **options: Any) -> Any:
        controller = _AnyPort(handler, hostname="127.0.0.1", port=0, **options)
        controller.start()
        running.append(controller)
        monkeypatch.setenv("OPENBOOK_MAIL_SERVER", f"{scheme}://localhost:{controller.port}")
        return handler

    yield start
    for controller in running:
        controller.stop()


def tls_for(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate for this name, and the file of the certificate."""
    partner = Partner(name)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(partner.certificate(until=datetime.now(UTC) + timedelta(days=30)))
    key.write_bytes(
        partner.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def waits() -> bool:
    with reading() as session:
        [row] = session.scalars(select(MessageRow))
    return row.ended_at is None and row.retry_at is not None


def again(at: Clock) -> None:
    at(clock.now().replace(tzinfo=None) + HOUR)
    mailing.carry_out()


@pytest.mark.parametrize("scheme", ["smtp", "starttls"])
def test_mail_goes_over_tls_that_the_server_begins(
    api: Client, ada: Employee, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    context, certificate = tls_for("localhost", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mails = server(Mails(), scheme, tls_context=context, require_starttls=True)
    carry_out(file(api(ada)))
    looked_and_sent()
    assert len(mails.received) == 1


@pytest.mark.parametrize("scheme", ["smtp", "starttls"])
def test_wrong_certificate_gets_no_mail(
    api: Client, ada: Employee, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    context, certificate = tls_for("mail.example.com", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mails = server(Mails(), scheme, tls_context=context)
    carry_out(file(api(ada)))
    looked_and_sent()
    assert mails.received == []
    assert waits()


def test_nothing_goes_in_clear_if_tls_is_asked_for(
    api: Client, ada: Employee, server: Server, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    mails = server(Mails(), "starttls")
    carry_out(file(api(ada)))
    looked_and_sent()
    assert mails.received == []
    assert waits()
    monkeypatch.setenv("OPENBOOK_MAIL_SERVER", f"smtp{settings().mail_server.removeprefix('starttls')}")
    again(at)
    assert len(mails.received) == 1


def test_server_that_offers_tls_and_refuses_it_gets_nothing(
    api: Client, ada: Employee, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: SMTP, _arg: str) -> None:
        await self.push("454 TLS not available")

    monkeypatch.setattr(SMTP, "smtp_STARTTLS", refuse)
    mails = server(Mails(), tls_context=tls_for("localhost", tmp_path)[0])
    carry_out(file(api(ada)))
    looked_and_sent()
    assert mails.received == []
    assert waits()


def test_server_that_hangs_delays_nothing(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OPENBOOK_MAIL_SERVER", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        carry_out(file(api(ada)))
        looked_and_sent()
    assert waits()


def test_connection_lost_in_the_middle_is_made_up_for_by_the_same_message(
    api: Client, ada: Employee, server: Server, at: Clock
) -> None:
    class Dropping(Mails):
        drops = True

        async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
            answer = await super().handle_DATA(_server, _session, envelope)
            if self.drops:
                assert _server.transport is not None
                _server.transport.abort()  # type: ignore[attr-defined]
            return answer

    mails = server(Dropping())
    carry_out(file(api(ada)))
    looked_and_sent()
    assert waits()
    mails.drops = False
    again(at)
    again(at)
    first, second = mails.received
    assert first["Message-ID"] == second["Message-ID"]


def test_message_that_is_too_large_for_the_server_is_given_up(api: Client, ada: Employee, server: Server) -> None:
    mails = server(Mails(), data_size_limit=300)
    carry_out(file(api(ada)))
    looked_and_sent()
    assert mails.received == []
    with reading() as session:
        [row] = session.scalars(select(MessageRow))
    assert (row.sent, row.ended_at is not None) == (False, True)


class Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.fetched += [value or "" for name, value in attrs if name in ("src", "style", "background")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_html_says_the_same_and_fetches_nothing(api: Client, ada: Employee, mails: Mails, language: str) -> None:
    path = "/v1/me/notifications/settings"
    chosen = api(ada).get(path).json()
    api(ada).put(path, json={"app": chosen["app"], "mail": chosen["mail"], "language": language})
    carry_out(file(api(ada)))
    looked_and_sent()
    [mail] = mails.received
    assert (mail.get_content_type(), mail["Content-Language"]) == ("multipart/alternative", language)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    rich = mail.get_body(("html",))
    assert rich is not None
    page = Page()
    page.feed(rich.get_content())
    assert f'<html lang="{language}">' in rich.get_content()
    assert page.tags <= {"html", "head", "meta", "title", "body", "p", "br", "a"}
    assert page.fetched == []
    assert link_of_any(mail) in page.links
    assert "".join(page.words).split() == [*str(mail["Subject"]).split(), *text_of(mail).split()]


def test_markup_in_a_text_is_shown_as_it_is() -> None:
    shown = smtp._as_html("<b>", 'a <script> & "b" https://example.com/?a=1&b="2"', "en")
    assert "<script>" not in shown
    assert "a &lt;script&gt; &amp; &quot;b&quot; " in shown
    assert '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">' in shown
