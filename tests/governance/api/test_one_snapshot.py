"""Each answer of the API about a person is read from one snapshot of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from queries import connection
from tests.governance.conftest import Capture, Client
from tests.support import applications
from tests.support.people import Company

TYPES = ("erasure", "export", "objection", "restriction", "rectification")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each snapshot that was opened."""
    found: list[None] = []
    cursor = connection._cursor

    @contextmanager
    def noted(about: UUID | None) -> Iterator[Any]:
        found.append(None)
        with cursor(about) as opened:
            yield opened

    monkeypatch.setattr(connection, "_cursor", noted)
    return found


def test_an_answer_is_of_one_snapshot(api: Client, person: Company, capture: Capture, opened: list[None]) -> None:
    ada = person()
    capture(ada, 20)
    client = api(ada)
    routes = sorted(
        path
        for path, operations in applications.published()["paths"].items()
        if path.startswith("/v1/me") and "get" in operations and "{" not in path
    )
    assert {"/v1/me/summary", "/v1/me/captures", "/v1/me/models", "/v1/me/lineage", "/v1/me/retention"} <= {*routes}
    reading = set()
    for path in routes:
        opened.clear()
        assert client.get(path).status_code in (200, 404), path
        assert len(opened) <= 1, path
        if opened:
            reading.add(path)
    assert len(reading) >= 5
    for kind in TYPES:
        opened.clear()
        new = {"type": kind, "scope": {"applications": ["Excel"]}}
        assert client.post("/v1/requests/preview", json=new).json()["events"] == 20
        assert len(opened) == 1, kind
    opened.clear()
    assert client.post("/v1/requests/preview", json={"type": "masking"}).json()["events"] == 0
    assert len(opened) == 1
