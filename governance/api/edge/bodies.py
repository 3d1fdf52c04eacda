"""Limits on the size of a request's body and on the time it may take to arrive.

A body is read when a route asks for it, after the sender was authenticated (`governance.api.edge.admission`). Until
then, only what fits in the server's buffer is read from the connection.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from governance.schemas.problem import BadRequest, Problem, TooLarge, TooSlow, UnsupportedMediaType

KIB = 1024
NOTHING_CHANGED = "Nothing was changed."


@dataclass(frozen=True)
class Limit:
    """`size`: bytes as sent, compressed or not. `seconds`: from the first read of the body to its end."""

    size: int
    seconds: float

    @property
    def words(self) -> str:
        """The size, for people."""
        kib = self.size // KIB
        return f"{kib // KIB} MiB" if kib % KIB == 0 else f"{kib} KiB"


DEFAULT = Limit(64 * KIB, 20)
LINEAGE = Limit(64 * KIB * KIB, 180)
CAPTURES = Limit(32 * KIB * KIB, 180)
OPENDSR = Limit(256 * KIB, 30)
LARGER = {
    "/api/v1/lineage": LINEAGE,
    "/api/v1/lineage/batch": LINEAGE,
    "/v1/captures": CAPTURES,
    "/opendsr/v2/requests": OPENDSR,
    "/opendsr/v2/callbacks": OPENDSR,
}
"""The routes that need more than the default, by path. docs/api.md says the same."""
JSON = {"application/json", "application/scim+json"}
TEXT = {"/v1/ledger/cosignatures", "/back-channel-logout", "/caep/events"}
"""The routes whose body is not JSON."""


class BodyRefused(HTTPException):
    """Raised when a route reads a body that is refused; `problem` is the answer.

    It is an HTTPException because the framework replaces every other error raised while reading a body.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


class Body:
    """The body of one request, as it arrives: replaces the server's `receive`."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._limit = LARGER.get(scope["path"], DEFAULT)
        headers = self._headers = Headers(scope=scope)
        self._is_plain_json = scope["path"] not in LARGER and scope["path"] not in TEXT
        self._content = bytearray()
        self._announced = int(headers.get("content-length") or 0)
        self._size = 0
        self._until: float | None = None
        self.arrived = not self._announced and "transfer-encoding" not in headers
        """Whether all of it was read."""
        self.answered = False
        """Whether the answer has begun; set by the code that sends it."""

    async def receive(self) -> Message:
        """The next part. Raises BodyRefused if the body is too long, too slow, or was cut off."""
        if self.arrived:
            return await self._receive()
        try:
            return await self._next_part()
        except BodyRefused:
            if self.answered:  # callers waiting here want to know whether the client has disconnected
                return {"type": "http.disconnect"}
            raise

    async def _next_part(self) -> Message:
        if self._announced > self._limit.size:
            raise BodyRefused(self._too_large())
        if self._is_plain_json and (problem := _not_plain_json(self._headers)):
            raise BodyRefused(problem)
        loop = asyncio.get_running_loop()
        self._until = self._until or loop.time() + self._limit.seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            words = f"The body did not arrive within {self._limit.seconds:g} seconds."
            raise BodyRefused(TooSlow(f"{words} {NOTHING_CHANGED} Send it again.")) from None
        if message["type"] == "http.disconnect":
            raise BodyRefused(BadRequest(f"The body was cut off before its end. {NOTHING_CHANGED}"))
        self._size += len(message.get("body", b""))
        if self._size > self._limit.size:
            raise BodyRefused(self._too_large())
        self.arrived = not message.get("more_body", False)
        if self._is_plain_json:
            self._content += message.get("body", b"")
            if self.arrived and (twice := _named_twice(bytes(self._content))) is not None:
                raise BodyRefused(BadRequest(f"The body gives {twice[:60]!r} twice. {NOTHING_CHANGED} Give it once."))
        return message

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The body is larger than {self._limit.words}, the limit here. {NOTHING_CHANGED}")


def _not_plain_json(headers: Headers) -> Problem | None:
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return UnsupportedMediaType(f"Send the body uncompressed, without Content-Encoding. {NOTHING_CHANGED}")
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in JSON:
        return UnsupportedMediaType(f"The body must be JSON: send Content-Type: application/json. {NOTHING_CHANGED}")
    return None


def _named_twice(content: bytes) -> str | None:
    """A key that occurs twice in one object of a JSON document, or None. Invalid JSON is reported elsewhere."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        found.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)

    with suppress(ValueError, RecursionError):
        json.loads(content, object_pairs_hook=look)
    return next(iter(found), None)
