"""What clients on real sockets can't do: wait forever, open too many connections, send invalid HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPResponse

import h11
import pytest
import uvicorn
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from governance.api.edge import bodies, protocol
from governance.api.edge.bodies import DEFAULT, Limit
from governance.api.edge.protocol import BACKLOG, HEAD_BYTES, MOST_CONNECTIONS, SERVING, BoundedProtocol
from tests.governance.conftest import wait_until
from tests.support.people import Company

Address = tuple[str, int]
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
OPEN_POST = b"POST /v1/ledger/cosignatures HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"


def connected(address: Address, sending: bytes = b"") -> socket.socket:
    client = socket.create_connection(address, timeout=60)
    client.sendall(sending)
    return client


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The server's answer until it closes, even if it closes without having read everything sent."""
    data = b""
    with suppress(ConnectionResetError):
        while part := client.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]) if first else 0, headers, body


def is_healthy(address: Address) -> bool:
    with connected(address, HEALTH + b"Connection: close\r\n\r\n") as client:
        return answer(client)[0] == 200


def test_no_answer_names_the_server(served: Address) -> None:
    for sending in (HEALTH + b"Connection: close\r\n\r\n", b"nothing\r\n\r\n"):
        with connected(served, sending) as client:
            assert "server" not in answer(client)[1]


def test_incomplete_head_times_out(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with connected(served, HEALTH) as client:
        status, headers, body = answer(client)
    assert (status, headers["content-type"]) == (408, "application/problem+json")
    assert json.loads(body)["type"] == "urn:problem-type:open-book:too-slow"
    assert headers["connection"] == "close"
    with connected(served) as client:
        assert answer(client) == (0, {}, b""), "who said nothing is told nothing"


def test_slow_head_times_out(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with connected(served) as client:
        client.settimeout(0.05)
        for byte in HEALTH + b"X: " + b"y" * 1000:
            try:
                client.sendall(bytes([byte]))
                if answered := client.recv(65536):
                    break
            except TimeoutError:
                continue
        assert b" 408 " in answered


def test_head_timer_restarts_after_each_answer(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    with connected(served) as client:
        client.sendall(HEALTH + b"\r\n")
        first = HTTPResponse(client)
        first.begin()
        assert (first.status, bool(first.read())) == (200, True)
        client.sendall(HEALTH)
        status, _, body = answer(client)
    assert status == 408 or body.endswith(b'Send it again."}')


def test_incomplete_body_times_out(
    served: Address, person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "DEFAULT", Limit(DEFAULT.size, 0.3))
    token = f"Authorization: Bearer {token_for(person())}\r\n".encode()
    for head in (POST + token, OPEN_POST):
        for body in (b"Content-Length: 900\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"):
            with connected(served, head + body) as client:
                status, headers, _ = answer(client)
            assert (status, headers["connection"]) == (408, "close")


def test_strangers_large_body_is_not_read(served: Address) -> None:
    sent = 0
    with connected(served, POST + b"Content-Length: 600000000\r\n\r\n") as client:
        try:
            while sent < 600_000_000:
                sent += client.send(b"x" * 65536)
        except (ConnectionError, TimeoutError):
            pass
        status, _, _ = answer(client) if sent < 600_000_000 else (0, {}, b"")
    assert status == 401
    assert sent < 40_000_000, "what the buffers of both sides hold"


def test_client_that_sends_first_reads_the_answer(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 60.0)
    for size in (65_537, 6_000_000):
        with connected(served, OPEN_POST + f"Content-Length: {size}\r\n\r\n".encode()) as client:
            client.sendall(b"x" * size)
            assert answer(client)[0] == 413


def go_on_sending(client: socket.socket) -> None:
    while True:
        client.sendall(b"1\r\nx\r\n")


def test_client_that_keeps_sending_is_disconnected(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 0.3)
    for body in (b"Content-Length: 600000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        with connected(served, POST + body) as client, pytest.raises(ConnectionError):
            go_on_sending(client)


@pytest.mark.parametrize(
    ("sending", "status"),
    [
        (b"nothing at all\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (HEALTH + b"Content-Length: -1\r\n\r\n", 400),
        (HEALTH + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (HEALTH + b"X: " + b"y" * (HEAD_BYTES + 1), 431),
        (HEALTH + b"X: " + b"y" * (HEAD_BYTES + 1) + b"\r\n\r\n", 431),
        (b"GET /" + b"y" * (HEAD_BYTES + 1), 431),
    ],
    ids=range(8),
)
def test_invalid_http_gets_a_problem(served: Address, sending: bytes, status: int) -> None:
    with connected(served, sending) as client:
        said, headers, body = answer(client) if status == 400 or b"\r\n\r\n" not in sending else _first(client)
    assert (said, headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(body)["status"] == status


def _first(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    client.shutdown(socket.SHUT_WR)
    return answer(client)


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 20)
    with ExitStack() as stack:
        yield stack


@contextmanager
def serving(app: ASGIApp) -> Iterator[tuple[Address, uvicorn.Server]]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", **SERVING))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname(), server
    finally:
        server.should_exit = True
        thread.join()


def test_new_connection_is_refused_when_all_are_busy(crowd: ExitStack) -> None:
    may_answer = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        while not may_answer.is_set():
            await asyncio.sleep(0.02)
        await Response("done")(scope, receive, send)

    with serving(slow) as (address, server):
        closing = HEALTH + b"Connection: close\r\n\r\n"
        clients = [crowd.enter_context(connected(address, closing)) for _ in range(protocol.MOST_CONNECTIONS)]
        wait_until(lambda: len(server.server_state.tasks) == protocol.MOST_CONNECTIONS)
        with connected(address, closing) as late:
            status, headers, _ = answer(late)
        may_answer.set()
        assert (status, headers["retry-after"]) == (503, "2")
        assert {answer(client)[0] for client in clients} == {200}


def test_client_that_reads_nothing_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "STALLED_SECONDS", 0.3)

    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"x" * 50_000_000)(scope, receive, send)

    with serving(long) as (address, server), connected(address, HEALTH + b"\r\n"):
        wait_until(lambda: server.server_state.total_requests == 1)
        wait_until(lambda: not server.server_state.connections)


HALF = [b"", HEALTH, OPEN_POST + b"Content-Length: 900\r\n\r\n{", POST + b"Content-Length: 900\r\n\r\n{"]


@pytest.mark.parametrize("half", HALF, ids=["nothing", "head", "body", "answered"])
def test_incomplete_requests_lock_no_one_out(unknown: TestClient, crowd: ExitStack, half: bytes) -> None:
    with serving(unknown.app) as (address, server):
        first = [crowd.enter_context(connected(address, half)) for _ in range(protocol.MOST_CONNECTIONS)]
        wait_until(lambda: sum(has_read(one, half) for one in server.server_state.connections) == len(first))
        for _ in range(80):
            crowd.enter_context(connected(address, half))
        for _ in range(5):
            assert is_healthy(address)
        status, headers, body = answer(first[0])
    expected = {b"": {0}, HALF[3]: {401, 503}}.get(half, {503})
    assert status in expected, "the one that waited for the longest made room"
    if status == 503:
        assert headers["retry-after"] == "2"
        assert "Too many connections" in json.loads(body)["detail"]


def has_read(connection: object, half: bytes) -> bool:
    assert isinstance(connection, BoundedProtocol)
    if half.startswith(b"POST"):
        return connection.conn.their_state is h11.SEND_BODY
    return bytes(connection.conn.trailing_data[0]) == half


def test_burst_closes_no_unread_connection(unknown: TestClient) -> None:
    assert 3 * BACKLOG < MOST_CONNECTIONS
    with serving(unknown.app) as (address, _), ExitStack() as stack:
        for _ in range(3):
            for _ in range(2 * BACKLOG):
                stack.enter_context(connected(address, HEALTH))
            assert is_healthy(address)
