"""Connections: uvicorn's HTTP/1.1 protocol with limits on waiting and on the number of connections.

A client has `HEAD_SECONDS` for the head of a request, counted from the start of the connection or the end of the
previous answer; `governance.api.edge.bodies` limits bodies. A client that reads nothing of an answer for
`STALLED_SECONDS` is disconnected. When more than `MOST_CONNECTIONS` are open, the one that has been sending its request
for the longest is closed; a new one is refused only if all the others are waiting for their answers.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast

import h11
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

from governance.schemas.problem import BadRequest, HeadTooLarge, Problem, TooSlow, Unavailable

HEAD_BYTES = 32 * 1024
HEAD_SECONDS = 10.0
STALLED_SECONDS = 60.0
MOST_CONNECTIONS = 500
"""Fewer than the 1,024 files that a process may usually have open: databases need some as well."""
LINGER_SECONDS = 2.0
LINGER_BYTES = 8 * 1024 * 1024
"""How long, and how much, a client may go on sending after an answer that left its body unread. If the connection were
closed at once, it would be reset, and a client that sends before it reads would never see the answer.
"""
BACKLOG = 128
"""Connections that wait to be accepted, and that are accepted before anything is read: far fewer than may be open.
Otherwise a burst would close connections whose whole request is already there to be read.
"""


class Timer:
    """A call scheduled for later, unless it is stopped."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        return self._handle is not None

    def start(self, seconds: float, call: Callable[[], None]) -> None:
        self.stop()
        self._handle = self._loop.call_later(seconds, call)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class LingeringTransport:
    """A connection's transport that closes its own direction first while the client is still sending."""

    def __init__(self, transport: asyncio.Transport, protocol: BoundedProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._timer = Timer(protocol.loop)
        self._left = LINGER_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def is_lingering(self) -> bool:
        return self._timer.is_running

    def is_closing(self) -> bool:
        return self.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        if self._protocol.conn.their_state is h11.SEND_BODY and self._transport.can_write_eof():
            self._timer.start(LINGER_SECONDS, self.close_now)
            self._transport.write_eof()
            self._protocol.flow.resume_reading()
        else:
            self._transport.close()

    def discard(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self.close_now()

    def close_now(self) -> None:
        self._timer.stop()
        self._transport.close()


class BoundedProtocol(H11Protocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head = Timer(self.loop)
        self._stall = Timer(self.loop)
        self.since = self.loop.time()
        """When it began to wait for the current request."""

    @property
    def is_sending(self) -> bool:
        """Whether the client is still sending its request and has no answer yet."""
        theirs = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        return theirs and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.closing = LingeringTransport(transport, self)
        super().connection_made(cast(asyncio.Transport, self.closing))
        self._watch_head()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self.closing.is_closing():
            self.closing.discard(data)
            return
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._head.stop()
        self._stall.stop()
        self.closing.close_now()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall.start(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stall.stop()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words)
        """Uvicorn's answer to invalid HTTP; called while h11's error is handled."""
        error = sys.exception()
        if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
            self._refuse(HeadTooLarge(f"The address and headers are larger than {HEAD_BYTES // 1024} KiB together."))
        else:
            self._refuse(BadRequest("This is not valid HTTP/1.1."))

    def _watch_head(self) -> None:
        """Start or stop the head timer: it runs while a head is expected."""
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._head.stop()
        elif not self._head.is_running:
            self.since = self.loop.time()
            self._head.start(HEAD_SECONDS, self._head_is_late)

    def _head_is_late(self) -> None:
        self._give_up(TooSlow(f"The request did not arrive within {HEAD_SECONDS:g} seconds. Send it again."))

    def _make_room(self) -> None:
        others = (one for one in self.connections if isinstance(one, BoundedProtocol) and one is not self)
        waiting = (one for one in others if one.is_sending or one.closing.is_lingering)
        longest = min(waiting, key=lambda one: one.since, default=None)
        problem = Unavailable("Too many connections are open. Try again in a moment.")
        problem.headers["Retry-After"] = "2"
        if longest is None:
            self._refuse(problem)
        else:
            longest._give_up(problem)

    def _give_up(self, problem: Problem) -> None:
        """Close a connection that waits for a request; send the reason unless nothing of a request has arrived."""
        nothing_came = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if nothing_came or self.closing.is_lingering:
            self.closing.close_now()
        else:
            self._refuse(problem)

    def _refuse(self, problem: Problem) -> None:
        """Answer without calling the application, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = problem.response()
            headers = [*self.server_state.default_headers, *answer.raw_headers, CLOSE_HEADER]
            start = h11.Response(status_code=answer.status_code, headers=headers, reason=problem.status.phrase)
            for event in (start, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.closing.close_now()


SERVING: dict[str, Any] = {
    "http": BoundedProtocol,
    "ws": "none",
    "h11_max_incomplete_event_size": HEAD_BYTES,
    "backlog": BACKLOG,
    "log_config": None,
    "server_header": False,
}
"""How uvicorn serves the API."""
