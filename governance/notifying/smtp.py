"""E-mail over SMTP: one connection for several messages. With `smtp://`, TLS is begun as soon as the server offers it;
with `starttls://`, nothing is sent without; `smtps://` is TLS from the first byte. Certificates are always checked.
User and password are sent over TLS only, or to this machine.

A message is plain text, and the same as HTML: nothing else, nothing that a mail program would have to fetch, and no
link that says who opened it.
"""

from __future__ import annotations

import html
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

import clock
from outgoing import is_this_machine
from settings import settings

SECONDS = 10.0
STARTTLS = "starttls"
LINK = re.compile(r"https?://\S+")
TOO_LARGE = 552
PORT, TLS_PORT = 25, 465
ERRORS = (OSError, smtplib.SMTPException)
"""What the server, or the way to it, may fail with; their messages may quote addresses and are never logged."""


class NotEncrypted(OSError):
    """The server offers no TLS, which the setting asks for, or a password would be sent in clear."""


@contextmanager
def connected() -> Iterator[smtplib.SMTP]:
    """Raises one of ERRORS."""
    where = urlsplit(settings().mail_server)
    host, secure = where.hostname or "", where.scheme == "smtps"
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if secure:
        server = smtplib.SMTP_SSL(host, where.port or TLS_PORT, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, where.port or PORT, timeout=SECONDS)
    try:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            secure = True
        if not secure and where.scheme == STARTTLS:
            raise NotEncrypted
        if settings().mail_user:
            if not secure and not is_this_machine(host):
                raise NotEncrypted
            server.login(settings().mail_user, settings().mail_password)
        yield server
    finally:
        with suppress(*ERRORS):
            server.quit()
        server.close()


def compose(
    message: UUID, to: str, subject: str, text: str, unsubscribe: str | None = None, *, language: str
) -> EmailMessage:
    """The same for every attempt, but for its date. `language`: the code of the one that it is in."""
    host = urlsplit(settings().api_base_url).hostname or "localhost"
    mail = EmailMessage()
    mail["From"] = settings().mail_from or f"open-book@{host}"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    mail.add_alternative(_as_html(subject, text, language), subtype="html", cte="quoted-printable")
    mail.set_boundary(f"open-book-{message.hex}")
    mail["Content-Language"] = language
    return mail


def _as_html(subject: str, text: str, language: str) -> str:
    """Paragraphs, line breaks and links; no styles, pictures or scripts."""
    parts = [part.splitlines() for part in text.strip().split("\n\n") if part.strip()]
    paragraphs = ["<br>\n".join(_linked(line) for line in part) for part in parts]
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(subject)}</title></head>\n<body>\n"
        + "".join(f"<p>{part}</p>\n" for part in paragraphs)
        + "</body>\n</html>\n"
    )


def _linked(line: str) -> str:
    pieces, done = [], 0
    for found in LINK.finditer(line):
        address = html.escape(found[0])
        pieces += [html.escape(line[done : found.start()]), f'<a href="{address}">{address}</a>']
        done = found.end()
    return "".join([*pieces, html.escape(line[done:])])


def is_final(error: Exception) -> bool:
    """Whether the server refused this message for good, so that repeating it is of no use."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case smtplib.SMTPSenderRefused():
            return error.smtp_code == TOO_LARGE  # otherwise the setting of the sender can be put right
        case smtplib.SMTPResponseException():
            return error.smtp_code >= 500
    return False
