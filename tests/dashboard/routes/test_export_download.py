"""A download that a browser gives up before it begins leaves no connection to the API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from starlette.requests import Request
from starlette.types import Message

from dashboard.routes import export_download

GONE_SECONDS = 20


class Endless(BaseHTTPRequestHandler):
    """Announces a file, and notes when the other side has closed the connection."""

    closed = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(2**40))
        self.send_header("Content-Type", "application/zip")
        self.end_headers()
        self.connection.settimeout(GONE_SECONDS)
        if self.connection.recv(1) == b"":
            self.closed.set()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Endless.closed = threading.Event()
    with ThreadingHTTPServer(("localhost", 0), Endless) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_a_download_that_never_begins_leaves_no_connection(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", f"http://localhost:{server.server_address[1]}")
    monkeypatch.setattr(export_download, "caller", lambda _: "a token")
    asked = Request({"type": "http", "method": "GET", "headers": [], "path_params": {"request_id": uuid4()}})
    answer = asyncio.run(export_download.download_export(asked))
    assert answer.status_code == 200
    assert not Endless.closed.is_set()
    sent: list[Message] = []

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    asyncio.run(answer({"type": "http", "asgi": {"spec_version": "2.3"}}, gone, send))
    assert [message for message in sent if message.get("body")] == []
    assert Endless.closed.wait(GONE_SECONDS)
