"""Pipelines and what they talk to.

token      the service token of a pipeline
pipeline   a client of the API with that token
address    the API on a real port
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from governance.api import service_tokens
from governance.api.app import create_app
from governance.api.service_tokens import Scope
from lake.storage.connection import reader


@pytest.fixture
def token(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    token, line = service_tokens.make("training", list(Scope))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    return token


@pytest.fixture
def pipeline(unknown: TestClient, token: str) -> TestClient:
    client = TestClient(unknown.app)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(), host="localhost", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def asked(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The lake's answer."""
    connection = reader()
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
