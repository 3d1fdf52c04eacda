"""HTTP to partners: to the addresses that the file of partners gives or allows, https unless it is this machine, no
redirects, answers of limited size, and never longer than a few seconds."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any

from governance.opendsr.partners import check_url

SECONDS = 10.0
LONGEST_ANSWER_SECONDS = 30.0
PIECE = 1 << 16
LARGEST_ANSWER = 1 << 20


class Unreachable(Exception):
    """No whole answer came. The message says no more than a person may read."""


@dataclass(frozen=True)
class Answer:
    """The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def call(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """One call. An answer of any status is an answer. Raises Unreachable."""
    check_url(url)
    request = urllib.request.Request(url, data=body, method=method, headers={**headers, "Accept": "application/json"})  # noqa: S310 (checked)
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            return _read(answer.status, answer.headers, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error.headers, error)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable("it can't be reached just now") from error


def _read(status: int, headers: Message, answer: Any) -> Answer:
    """Piece by piece: one that answers a byte now and then would hold up everybody else's erasure."""
    until = time.monotonic() + LONGEST_ANSWER_SECONDS
    body = bytearray()
    while piece := answer.read1(PIECE):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise Unreachable("its answer is too long")
        if time.monotonic() > until:
            raise Unreachable("its answer takes too long")
    return Answer(status, {name.lower(): value for name, value in headers.items()}, bytes(body))
