"""Attacks on a running dashboard: foreign origins, floods, garbage, requests that never end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from dashboard.serving import punctual, sockets
from dashboard.serving.limits import Held, TooMany
from dashboard.serving.sockets import SocketGuard, allowed_origins
from dashboard.sign_in import sessions
from rates import Rate, network_of
from tests.dashboard.conftest import session_cookie
from tests.dashboard.running import Running, running

RERUN = BackMsg(rerun_script=ClientState(query_string="")).SerializeToString()
FOREIGN = ("http://evil.example", "null", "https://localhost", "http://localhost", "http://203.0.113.9", "file://", "x")


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("dashboard")) as started:
        yield started
        log = started.log.read_text()
    assert "Traceback" not in log, log


def refused(started: Running, origin: str | None = "", path: str = sockets.STREAM, host: str = "") -> int:
    with pytest.raises(InvalidStatus) as error, started.socket(origin=origin, path=path, host=host):
        pass
    return error.value.response.status_code


def closed_with(connection: ClientConnection) -> int:
    """The close code sent by the other side."""
    with suppress(ConnectionClosed):
        for _ in connection:
            continue
    assert connection.close_code is not None
    return connection.close_code


@pytest.mark.parametrize("origin", [*FOREIGN, None])
def test_a_foreign_origin_is_refused_and_nobody_is_asked(dashboard: Running, origin: str | None) -> None:
    assert [refused(dashboard, origin) for _ in range(20)] == [403] * 20
    assert dashboard.healthy()
    assert dashboard.outside() == ""


@pytest.mark.parametrize("host", ["evil.example", "203.0.113.9:80", "other.internal"])
def test_a_foreign_host_does_not_make_its_origin_ours(dashboard: Running, host: str) -> None:
    assert refused(dashboard, f"http://{host}", host=host) == 403
    with dashboard.socket(host=host) as connection:
        connection.ping().wait(60)
    assert dashboard.outside() == ""


def test_our_pages_get_in_and_nothing_phones_home(dashboard: Running) -> None:
    with dashboard.socket() as connection:
        connection.ping().wait(60)
    page = httpx.get(dashboard.address)
    assert (page.status_code, "server" in page.headers) == (200, False)
    assert dashboard.outside() == ""


@pytest.mark.parametrize("path", ["/", "/stream", "/_stcore/stream/x", "/_stcore/health", "/export/1"])
def test_there_is_one_websocket(dashboard: Running, path: str) -> None:
    assert refused(dashboard, path=path) == 403


def test_text_and_large_messages_close_the_connection(dashboard: Running) -> None:
    with dashboard.socket() as connection:
        connection.send("text")
        assert closed_with(connection) == 1003
    with dashboard.socket() as connection:
        connection.send(b"x" * (sockets.MESSAGE_BYTES + 1))
        assert closed_with(connection) == 1009


def test_a_flood_of_messages_waits_and_others_are_served(dashboard: Running) -> None:
    with dashboard.socket() as flood:
        for _ in range(1_000):
            flood.send(RERUN)
        assert dashboard.healthy()
        with dashboard.socket() as other:
            other.send(RERUN)
            assert other.recv(60)
        with suppress(OSError):  # the server may have given up on it
            flood.socket.shutdown(socket.SHUT_RDWR)
    assert dashboard.healthy()


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64, 1_000, 100_000])
def test_garbage_on_the_websocket_closes_it(dashboard: Running, size: int) -> None:
    with dashboard.socket() as connection:
        connection.send(b"\xff" * size)
        assert closed_with(connection) == 1002
    assert dashboard.healthy()


def test_buttons_do_nothing_after_sign_out(home: Path) -> None:
    session = sessions.find(session_cookie("a token"))
    assert session
    pressed = BackMsg(rerun_script=ClientState(fragment_id="requests", query_string="x=1")).SerializeToString()
    got: list[bytes] = []

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": pressed}

    async def send(_: Message) -> None:
        raise AssertionError

    async def streamlit(_: Scope, receive: Receive, __: Send) -> None:
        for _turn in range(2):
            got.append((await receive())["bytes"])
            sessions.end(session.reference)

    scope = {"type": "websocket", "path": sockets.STREAM, "headers": [(b"origin", b"http://book.test")]}
    guard = SocketGuard(streamlit, "http://book.test")
    asyncio.run(guard(scope | {sessions.SCOPE_KEY: session}, receive, send))
    assert got == [pressed, sockets.PLAIN_RERUN]


def test_tabs_of_one_sign_in_are_bounded(dashboard: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_HOME", str(dashboard.home))
    cookie = f"openbook_session={session_cookie('a token', origin=dashboard.address)}"
    with ExitStack() as held:
        for _ in range(sockets.PER_SESSION):
            held.enter_context(dashboard.socket(cookie=cookie))
        with pytest.raises(InvalidStatus):
            dashboard.socket(cookie=cookie)
        other = f"openbook_session={session_cookie('a token', sub='bob', origin=dashboard.address)}"
        held.enter_context(dashboard.socket(cookie=other))


ROUTES = (
    *("/", "/captured", "/_stcore/health", "/_stcore/host-config", "/auth/login", "/auth/logout", "/oauth2callback"),
    *("/static/x", "/export/x", "/receipt/x/page", "/membership/x", "/verifier.py"),
)
NOISE = ("?state=%00%ff&code=x&error=%0a", "?provider=x.y.z", "%00", "/..%2f..%2fetc", "//a", "?" + "a" * 9_000)
NOISY_COOKIES = b"_streamlit_user=x; _streamlit_session=\xff; openbook_session=\x7f; _streamlit_xsrf=2|a|b|c; =; ;"


@pytest.mark.parametrize("path", ROUTES)
def test_garbage_to_a_route_causes_no_server_error(dashboard: Running, path: str) -> None:
    for noise in NOISE:
        answer = httpx.get(f"{dashboard.address}{path}{noise}", headers={b"Cookie": NOISY_COOKIES}, timeout=60)
        assert answer.status_code < 500, noise
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nhalf"])
def test_a_request_that_never_ends_is_closed(dashboard: Running, sent: bytes) -> None:
    with socket.create_connection(("localhost", dashboard.port), timeout=punctual.REQUEST_SECONDS * 6) as slow:
        slow.sendall(sent)
        while slow.recv(65_536):
            continue


def test_connections_per_network_are_limited(dashboard: Running) -> None:
    with ExitStack() as held:
        opened = 0
        with suppress(InvalidStatus):
            for _ in range(sockets.OPENED_BURST + sockets.PER_NETWORK):
                held.enter_context(dashboard.socket())
                opened += 1
        assert 0 < opened <= sockets.PER_NETWORK
        assert dashboard.healthy()


def test_without_a_good_secret_the_dashboard_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), running(tmp_path, OPENBOOK_COOKIE_SECRET="short"):
        pass
    said = (tmp_path / "dashboard.log").read_text()
    assert "fewer than 32 bytes" in said
    assert "Traceback" not in said


def test_origins_are_those_of_the_public_address() -> None:
    assert allowed_origins("https://book.example") == {"https://book.example"}
    assert allowed_origins("https://Book.example:8443/x") == {"https://book.example:8443"}
    assert allowed_origins("http://localhost:1234") == {
        "http://localhost:1234", "http://127.0.0.1:1234", "http://[::1]:1234",
    }  # fmt: skip


def test_a_rate_lets_a_burst_through_and_forgets_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("rates.time.monotonic", lambda: now)
    rate = Rate(burst=2, per_second=2)
    assert [rate.delay("c") for _ in range(4)] == [0.0, 0.0, 0.5, 1.0]
    rate = Rate(burst=2, per_second=1)
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    assert rate.allows("b")
    now = 1.0
    assert [rate.allows("a") for _ in range(2)] == [True, False]
    monkeypatch.setattr("rates.MOST_KEYS", 10)
    for number in range(100):
        assert [rate.allows(f"caller {number}") for _ in range(3)] == [True, True, False]
    known = [number for number in reversed(range(100)) if not rate.allows(f"caller {number}")]
    assert known == list(reversed(range(90, 100)))


def test_held_counts_every_key_and_releases() -> None:
    held = Held()
    with held.one_more({"ada": 1, "all": 2}):
        with pytest.raises(TooMany), held.one_more({"ada": 1, "all": 2}):
            pass
        with held.one_more({"bob": 1, "all": 2}), pytest.raises(TooMany), held.one_more({"eve": 1, "all": 2}):
            pass
    assert len(held) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("", "unknown"), (None, "unknown")],
)
def test_an_address_counts_for_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network
