"""Clients that share connections: one connection for many calls, and nothing of one caller reaches another."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api_client import GovernanceClient
from api_client.connections import Connections


class Answering(BaseHTTPRequestHandler):
    """Tells everybody to keep a cookie, and notes who called, with what, over which connection."""

    protocol_version = "HTTP/1.1"
    calls: list[tuple[str | None, str | None, int]]

    def do_GET(self) -> None:
        self.calls.append((self.headers["Authorization"], self.headers["Cookie"], self.client_address[1]))
        body = json.dumps([]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"caller={self.headers['Authorization'][-3:]}; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Answering.calls = []
    with ThreadingHTTPServer(("localhost", 0), Answering) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_clients_of_many_callers_share_a_connection_only(
    server: ThreadingHTTPServer, request: pytest.FixtureRequest
) -> None:
    shared = Connections()
    request.addfinalizer(shared.disconnect)
    for caller in ("ada", "bob", "ada"):
        address = f"http://localhost:{server.server_address[1]}"
        with GovernanceClient(address, caller, transport=shared) as client:
            assert client.new_accessors() == ()
    assert [call[:2] for call in Answering.calls] == [("Bearer ada", None), ("Bearer bob", None), ("Bearer ada", None)]
    assert len({connection for *_, connection in Answering.calls}) == 1
