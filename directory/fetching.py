"""One JSON document over HTTP: without redirects, of bounded size, within one deadline for all of it."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.error import HTTPError

LARGEST_DOCUMENT = 256 * 1024
"""Bytes."""


def fetch_json(url: str, until: float) -> Any:
    """The document at `url`, all of it there by `until` (`time.monotonic`), however slowly it comes.

    Raises OSError, HTTPException, ValueError, RecursionError.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError("The identity provider's URL is neither https nor http.")
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("The time was over.")
    with _cut_off_after(seconds) as opened:
        opener = urllib.request.build_opener(_Plain(opened), _Secure(opened), _NoRedirect)
        try:
            with opener.open(url, timeout=seconds) as response:
                body = response.read(LARGEST_DOCUMENT + 1)
        except HTTPError as error:
            error.close()
            raise
    if time.monotonic() > until:
        raise TimeoutError("The time was over.")
    if len(body) > LARGEST_DOCUMENT:
        raise ValueError("The document is too long.")
    return json.loads(body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: an answer that leads elsewhere is an error."""


@contextmanager
def _cut_off_after(seconds: float) -> Iterator[list[socket.socket]]:
    """Shuts the sockets that the block put into the list. A timeout of a socket is for each part that it waits for, so
    a server that sends a byte now and then is not stopped by one."""
    opened: list[socket.socket] = []

    def cut() -> None:
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield opened
    finally:
        timer.cancel()
        timer.join()
        for one in opened:
            one.close()


class _PlainConnection(HTTPConnection):
    opened: list[socket.socket]

    def connect(self) -> None:
        super().connect()
        self.opened.append(self.sock.dup())  # TLS takes the first one over


class _SecureConnection(HTTPSConnection, _PlainConnection):
    pass


def _noting(kind: type[_PlainConnection], opened: list[socket.socket], host: str, /, **named: Any) -> _PlainConnection:
    connection = kind(host, **named)
    connection.opened = opened
    return connection


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, opened: list[socket.socket]) -> None:
        super().__init__()
        self._connection = partial(_noting, _PlainConnection, opened)

    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connection, request)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, opened: list[socket.socket]) -> None:
        super().__init__()
        self._connection = partial(_noting, _SecureConnection, opened)

    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connection, request)
