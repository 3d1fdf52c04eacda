"""Checks WebSockets before Streamlit sees them.

- the path: Streamlit has one;
- the `Origin`: it must be the dashboard's public address. No other site may act as the person. And for a foreign
  origin, Streamlit would ask an outside service for its own address, on its event loop;
- how many connections a session, a person, a stranger's network and all strangers hold, and how fast strangers open
  them: each costs a Streamlit session;
- the size, kind and rate of messages: each runs a page and costs Streamlit a thread, which it starts on its event loop.
  Messages that come faster wait, and so does their sender;
- before every message, that the sign-in has not ended: otherwise the page is rerun and says so.

A rejected handshake is answered 403; a connection that breaks a rule later is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from dashboard.serving.limits import Held, TooMany
from dashboard.sign_in import sessions
from parts import PartUnavailable
from rates import Rate, network_of

STREAM = "/_stcore/stream"

PER_SESSION = 20
"""Tabs per browser."""
PER_PERSON = 40
PER_NETWORK = 50
"""Signed-out tabs per address; a whole company may share one."""
STRANGERS = 500
"""Signed-out tabs in total."""
OPENED_BURST, OPENED_PER_SECOND = 100, 5.0
"""Signed-out handshakes per address."""

MESSAGE_BYTES = 1_000_000
MESSAGES_BURST, MESSAGES_PER_SECOND = 20, 10.0
"""Per person, or per address if signed out."""
STRANGERS_BURST, STRANGERS_PER_SECOND = 40, 20.0
"""Signed-out messages in total."""

PLAIN_RERUN = BackMsg(rerun_script=ClientState()).SerializeToString()
"""Replaces each message of somebody who signed out: a rerun without any button, field or fragment."""

PROTOCOL, UNSUPPORTED, POLICY, TOO_BIG = 1002, 1003, 1008, 1009
"""WebSocket close codes (RFC 6455, section 7.4.1)."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def allowed_origins(public_url: str) -> frozenset[str]:
    """The origins (`scheme://host[:port]`) of our own pages; localhost has three names."""
    parts = urlsplit(public_url)
    port = f":{parts.port}" if parts.port else ""
    hosts = LOOPBACK if parts.hostname in ("localhost", "127.0.0.1", "::1") else (parts.netloc.removesuffix(port),)
    return frozenset(f"{parts.scheme}://{host.lower()}{port}" for host in hosts)


class SocketGuard:
    """ASGI middleware around Streamlit, inside `ServerSessions`, which identifies the connection's owner."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._origins = allowed_origins(public_url)
        self._held = Held()
        self._opened = Rate(OPENED_BURST, OPENED_PER_SECOND)
        self._pace = Rate(MESSAGES_BURST, MESSAGES_PER_SECOND)
        self._strangers_pace = Rate(STRANGERS_BURST, STRANGERS_PER_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin", "").lower()
        if scope["path"] != STREAM or origin not in self._origins:
            await _refuse(receive, send)
            return
        session: sessions.Session | None = scope.get(sessions.SCOPE_KEY)
        network = network_of((scope.get("client") or (None,))[0])
        if session is None and not self._opened.allows(network):
            await _refuse(receive, send)
            return
        checked = _Checked(receive, send, session, lambda: self._delay(session, network))
        try:
            with self._held.one_more(_limits(session, network)):
                await self._app(_with_own_host(scope, origin), checked.receive, checked.send)
        except (RuntimeError, TypeError):
            if not checked.gone:
                raise  # otherwise Streamlit only reports that the client is gone
        except TooMany:
            await _refuse(receive, send)
            return
        if checked.fault is not None:
            with suppress(RuntimeError, OSError):  # closed by the other side in the meantime
                await send({"type": "websocket.close", "code": checked.fault})

    def _delay(self, session: sessions.Session | None, network: str) -> float:
        if session:
            return self._pace.delay(f"person {session.person}")
        return max(self._pace.delay(f"network {network}"), self._strangers_pace.delay())


class _Checked:
    """The two directions of one connection. A message that breaks a rule is delivered as a disconnect, and `fault` says
    why; `gone`: the client left while something was being sent to it."""

    def __init__(
        self, receive: Receive, send: Send, session: sessions.Session | None, delay: Callable[[], float]
    ) -> None:
        self._receive = receive
        self._send = send
        self._session = session
        self._delay = delay
        self.fault: int | None = None
        self.gone = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive":
            await asyncio.sleep(self._delay())
            self.fault = _fault_of(message)
            if self._session and not await run_in_threadpool(_may_be_open, self._session.reference):
                message = {**message, "bytes": PLAIN_RERUN}
        return message if self.fault is None else {"type": "websocket.disconnect", "code": self.fault, "reason": ""}

    async def send(self, message: Message) -> None:
        """Raises OSError if the connection is closed, which Starlette handles."""
        try:
            await self._send(message)
        except (RuntimeError, OSError) as error:
            self.gone = True
            raise OSError("The connection is closed.") from error


def _may_be_open(reference: str) -> bool:
    """False if the session has ended; where that can't be known now, the page says so."""
    with suppress(PartUnavailable):
        return sessions.is_open(reference)
    return True


def _fault_of(message: Message) -> int | None:
    """The code to close the connection with, or None if the message is valid."""
    data = message.get("bytes")
    if data is None:
        return UNSUPPORTED
    if len(data) > MESSAGE_BYTES:
        return TOO_BIG
    return None if _is_readable(data) else PROTOCOL


def _is_readable(data: bytes) -> bool:
    """Whether Streamlit can parse it; otherwise it would log a traceback."""
    try:
        return BackMsg.FromString(data).WhichOneof("type") is not None
    except DecodeError:
        return False


def _limits(session: sessions.Session | None, network: str) -> dict[str, int]:
    if session is None:
        return {f"network {network}": PER_NETWORK, "strangers": STRANGERS}
    return {f"session {session.reference}": PER_SESSION, f"person {session.person}": PER_PERSON}


def _with_own_host(scope: Scope, origin: str) -> Scope:
    """The scope with the origin's `Host`: Streamlit then takes it for the same site and asks no outside service, even
    behind a proxy that rewrites `Host`."""
    host = urlsplit(origin).netloc.encode()
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [*headers, (b"host", host)]}


async def _refuse(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": POLICY})
