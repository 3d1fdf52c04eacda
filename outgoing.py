"""HTTP calls to other machines, the only way that Open Book makes them: http or https only, no redirects (another host
must not get what is meant for the first), an answer of limited size, and a deadline for the whole call.

Each is a span of `tracing`. Everything may import this module; of Open Book it imports only that.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, HTTPHandler, HTTPSHandler, Request, build_opener

import tracing

PIECE = 1 << 16
SLOW = "takes too long to answer"


class CallFailed(Exception):
    """No complete answer came. The message continues "it …" and names neither the address nor what was sent."""


class Unreachable(CallFailed):
    """It can't be reached, or the connection broke."""


class TooLong(CallFailed, ValueError):
    """Its answer is larger than the limit."""


class TooSlow(CallFailed):
    """Its answer was not complete in time."""


class Answer:
    """An answer of any status, including redirects. Read it in the block of `call`."""

    def __init__(self, response: Any, largest: int, deadline: _Deadline) -> None:
        self.status: int = response.status
        self.headers: Message = response.headers
        self._response = response
        self._left = largest
        self._deadline = deadline

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; without a size, the rest. Empty at the end. Raises CallFailed."""
        if size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        with self._deadline.told_of():
            piece: bytes = self._response.read1(size)
            if not piece and size and self._response.length:
                raise Unreachable("broke off in the middle of its answer")
        self._left -= len(piece)
        if self._left < 0:
            raise TooLong("gave an answer that is too long")
        return piece


@contextmanager
def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    largest: int,
    silence: float,
    seconds: float,
    traced: bool = True,
) -> Iterator[Answer]:
    """One call, with an answer of at most `largest` bytes.

    It ends after `silence` seconds without data, and after `seconds` in any case. Raises CallFailed, and
    ValueError for a URL that is not plain http or https.
    """
    host = require_plain(url)
    deadline = _Deadline(seconds)
    opener = build_opener(_Http(deadline), _Https(deadline), _AnyStatus)
    request = Request(url, data=body, method=method, headers=dict(headers))  # noqa: S310 (checked)
    try:
        with tracing.outgoing(method, host) if traced else tracing.nothing() as span:
            with deadline.told_of():
                response = opener.open(request, timeout=silence)
            span.note(tracing.Fact.STATUS, response.status)
            with response:
                yield Answer(response, largest, deadline)
    finally:
        deadline.cancel()


def require_plain(url: str) -> str:
    """The host of a URL. Raises ValueError, with a message for people, unless it is http or https without
    credentials."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("It must be an http or https URL, such as https://service.example.com.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("It must be a URL without user name and password.")
    return parts.hostname


def is_this_machine(host: str) -> bool:
    """Whether a host name or address is this machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


class _AnyStatus(HTTPErrorProcessor):
    """Returns every answer as it is: raises for no status, and follows no redirect."""

    def http_response(self, request: Request, response: Any) -> Any:  # noqa: ARG002 (urllib's names)
        return response

    https_response = http_response


class _Deadline:
    """Closes the connections of a call at its deadline, whatever the call waits for."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connection: socket.socket) -> None:
        with self._lock:
            self._sockets.append(connection)
        if self._over:
            self._end()

    @contextmanager
    def told_of(self) -> Iterator[None]:
        """Translates errors into CallFailed: TooSlow after the deadline."""
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError, Unreachable) as error:
            if self._over or isinstance(getattr(error, "reason", error), TimeoutError):
                raise TooSlow(SLOW) from None
            raise Unreachable("can't be reached, or stopped answering") from error
        if self._over:  # a connection that we closed may look like a complete answer
            raise TooSlow(SLOW)

    def cancel(self) -> None:
        """End the call. No thread or descriptor of it is left."""
        self._timer.cancel()
        self._timer.join()
        for connection in self._sockets:
            connection.close()

    def _end(self) -> None:
        self._over = True
        with self._lock:
            for connection in self._sockets:
                with suppress(OSError):  # it may already be closed
                    connection.shutdown(socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    deadline: _Deadline

    def connect(self) -> None:
        super().connect()
        self.deadline.watch(self.sock.dup())  # TLS takes the first one over


class _SecureConnection(http.client.HTTPSConnection, _Connection):
    """Watched from before its TLS handshake."""


def _watched(kind: type[_Connection], deadline: _Deadline, host: str, /, **named: Any) -> _Connection:
    connection = kind(host, **named)
    connection.deadline = deadline
    return connection


class _Http(HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._connection = partial(_watched, _Connection, deadline)

    def http_open(self, request: Request) -> Any:
        return self.do_open(self._connection, request)


class _Https(HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._connection = partial(_watched, _SecureConnection, deadline)

    def https_open(self, request: Request) -> Any:
        return self.do_open(self._connection, request)
