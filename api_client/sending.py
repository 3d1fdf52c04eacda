"""Sending and retrying calls: what is repeated, when, and how an answer becomes an error.

A call is repeated if no answer arrived, or if the answer was 429, 502, 503 or 504, and only if repeating it can't do
anything twice: reading, withdrawing, and filing with an `Idempotency-Key`. The wait grows with each attempt and is
random (full jitter), so that many clients don't return at once; `Retry-After` takes precedence.
"""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeVar

import httpx

from api_client.errors import (
    DamagedDownload,
    GovernanceError,
    StatusError,
    TimedOut,
    TransportError,
    UnexpectedAnswer,
    status_error,
)

Result = TypeVar("Result")

RETRIED = frozenset({429, 502, 503, 504})


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that a server's certificate may be from. Clients share them: reading them takes more time than
    some calls."""
    return httpx.create_ssl_context()


def http_client(
    base_url: str, timeout: float, transport: httpx.BaseTransport | None, headers: Mapping[str, str]
) -> httpx.Client:
    """What calls are sent over. Whoever asks for it closes it."""
    return httpx.Client(base_url=base_url, timeout=timeout, transport=transport, headers=headers, verify=trusted())


@dataclass(frozen=True)
class Retries:
    """How often a call is repeated, and after how many seconds."""

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def wait(self, attempt: int, error: GovernanceError) -> float | None:
        """Seconds to wait after this attempt (counted from 1) failed; None: give up."""
        if attempt >= self.attempts:
            return None
        asked = error.retry_after if isinstance(error, StatusError) else None
        if asked is not None:
            return asked if asked <= self.longest_wait else None
        return random.uniform(0, min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)))  # noqa: S311


class Sender:
    """Sends calls over one `httpx.Client`. `token` is requested for every call, so it may be renewed meanwhile; an
    empty one is not sent."""

    def __init__(self, http: httpx.Client, token: str | Callable[[], str], retries: Retries) -> None:
        self._http = http
        self._token = token
        self._retries = retries
        self.sleep: Callable[[float], None] = time.sleep

    def send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool = True,
        stream: bool = False,
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The API's answer, 2xx. A streamed one must be closed. Raises TransportError, StatusError."""

        def once() -> httpx.Response:
            return self._send_once(method, path, stream=stream, params=params, json=json, headers=headers)

        return self.repeat(once) if repeatable else once()

    def repeat(self, call: Callable[[], Result]) -> Result:
        """Make a repeatable call until it succeeds, fails for good, or the attempts are used up."""
        attempt = 1
        while True:
            try:
                return call()
            except GovernanceError as error:
                wait = self._retries.wait(attempt, error) if _is_transient(error) else None
                if wait is None:
                    raise
            self.sleep(wait)
            attempt += 1

    def _send_once(
        self, method: str, path: str, *, stream: bool, headers: dict[str, str] | None, **content: Any
    ) -> httpx.Response:
        token = self._token if isinstance(self._token, str) else self._token()
        caller = {"Authorization": f"Bearer {token}"} if token else {}
        call = self._http.build_request(method, path, headers=caller | (headers or {}), **content)
        try:
            answer = self._http.send(call, stream=stream)
            if not answer.is_success:
                answer.read()
                raise _status_error(answer)
        except httpx.HTTPError as error:
            raise transport_error(error, str(self._http.base_url)) from error
        return answer


def _is_transient(error: GovernanceError) -> bool:
    """Whether the same call may succeed a little later."""
    if isinstance(error, StatusError):
        return error.status in RETRIED
    return isinstance(error, TransportError | DamagedDownload)


def transport_error(error: httpx.HTTPError, address: str) -> TransportError:
    """Our error for one of httpx."""
    kind = TimedOut if isinstance(error, httpx.TimeoutException) else TransportError
    return kind(f"No answer from {address} ({type(error).__name__}).")


def json_of(answer: httpx.Response) -> Any:
    """Raises UnexpectedAnswer."""
    try:
        return answer.json()
    except ValueError as error:
        raise UnexpectedAnswer(f"The answer of {answer.request.url} is not JSON.") from error


def _status_error(answer: httpx.Response) -> StatusError:
    problem = _problem(answer)
    texts = {
        name: value for name in ("title", "detail", "type", "instance") if isinstance(value := problem.get(name), str)
    }
    known = {"title", "detail", "type", "instance", "status"}
    return status_error(answer.status_code, problem)(
        answer.status_code,
        texts.pop("title", answer.reason_phrase or "error"),
        extensions={name: value for name, value in problem.items() if name not in known},
        retry_after=_retry_after(answer.headers.get("Retry-After")),
        **texts,
    )


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document, or nothing if something between us and the API answered instead."""
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form that RFC 9110 (10.2.3) allows."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
