"""Servers for the examples in the documents: ActivityWatch and MLflow, almost empty."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = "aw-watcher-window_desk"
EVENT = {"timestamp": "2026-11-20T09:00:00+00:00", "duration": 5, "data": {"app": "firefox", "title": "News"}}
ACTIVITYWATCH: dict[str, Any] = {
    "/api/0/buckets/": {BUCKET: {"id": BUCKET, "type": "currentwindow", "hostname": "desk"}},
    f"/api/0/buckets/{BUCKET}/events": [EVENT],
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(ACTIVITYWATCH.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (the name that http.server calls)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def serving() -> Iterator[str]:
    with ThreadingHTTPServer(("localhost", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
