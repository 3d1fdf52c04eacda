"""A processor on a free port of localhost, for tests: real HTTP, real signatures, configurable answers."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.governance.opendsr.partner import Partner

Answer = tuple[int, dict[str, Any]]


class Processor(Partner):
    """`heard` are the calls it received, `answers` makes its answer (method, path, message), `status` is its status."""

    def __init__(self, domain: str, key: str = "first") -> None:
        super().__init__(domain, key=key)
        self.url = ""
        self.heard: list[tuple[str, str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.status = "pending"
        self.said: dict[str, Any] = {}
        self.answers: Callable[[str, str, bytes], Answer] = self.acknowledge
        self.signs: Callable[[bytes], dict[str, str]] = self.sign

    def acknowledge(self, method: str, path: str, body: bytes) -> Answer:
        common = {
            "controller_id": "we",
            "expected_completion_time": "2026-12-01T00:00:00Z",
            "subject_request_id": json.loads(body)["subject_request_id"] if body else path.rpartition("/")[2],
        }
        if method == "POST":
            encoded = base64.b64encode(body).decode()
            return 201, {**common, "received_time": "2026-11-22T00:00:00Z", "encoded_request": encoded}
        return 200, {**common, "request_status": self.status, "api_version": "2.0", **self.said}

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[int]:
        """Answer at `url` until the block ends; gives the port."""
        processor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                processor.heard.append((self.command, self.path, json.loads(body) if body else {}))
                processor.headers.append({name.lower(): value for name, value in self.headers.items()})
                status, message = processor.answers(self.command, self.path, body)
                answer = json.dumps(message).encode()
                self.send_response(status)
                for name, value in processor.signs(answer).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        with ThreadingHTTPServer(("localhost", port), Handler) as server:
            self.url = f"http://localhost:{server.server_port}/opendsr/v2"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield server.server_port
            finally:
                server.shutdown()
                thread.join()

    def entry(self, **fields: str) -> str:
        """Its entry in our list."""
        name = self.domain.partition(".")[0]
        listed = {"domain": self.domain, "url": self.url, "certificate": f"{name}.pem", **fields}
        lines = [f"{field} = {json.dumps(value)}" for field, value in listed.items()]
        return "\n".join(["[[processors]]", *lines, ""])
