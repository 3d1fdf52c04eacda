"""What the tests of the edge share.

call     `call(method, path, sending, headers)`: sends a body without an end, and counts what of it is taken
served   `(host, port)` of an API that really listens, in this process, with its limits as they are set by then
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient
from starlette.types import Message

from governance.api.edge.protocol import SERVING
from tests.governance.conftest import wait_until

CHUNK = b"[]," * 1024


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    taken: int = 0
    """Bytes of the request's body that the application read."""


Call = Callable[..., Answer]


@pytest.fixture
def call(unknown: TestClient) -> Call:
    def calling(method: str, path: str, sending: Iterable[bytes], headers: dict[str, str] | None = None) -> Answer:
        answer = Answer()
        parts = iter(sending)
        finished = asyncio.Event()

        async def receive() -> Message:
            part = next(parts, None)
            if part is None:
                await finished.wait()
                return {"type": "http.disconnect"}
            answer.taken += len(part)
            return {"type": "http.request", "body": part, "more_body": True}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")
                if not message.get("more_body"):
                    finished.set()

        sent = {"Host": "localhost", **(headers or {})}
        if "Content-Length" not in sent:
            sent["Transfer-Encoding"] = "chunked"
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": method, "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1), "state": {},
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }  # fmt: skip
        asyncio.run(_within_a_minute(unknown.app(scope, receive, send)))
        return answer

    return calling


async def _within_a_minute(calling: Any) -> None:
    async with asyncio.timeout(60):
        await calling


@pytest.fixture
def served(unknown: TestClient) -> Iterator[tuple[str, int]]:
    server = uvicorn.Server(uvicorn.Config(unknown.app, host="127.0.0.1", port=0, lifespan="off", **SERVING))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()
