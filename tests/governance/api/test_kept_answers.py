"""The API asks the lake again only when something changed, and then at once; see tests/queries/test_kept.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import clock
from lake.storage.connection import writer
from queries import slices
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.lake.rows import every_minute, put
from tests.support.people import Company


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions about slices that reached the lake."""
    reached: list[str] = []

    def noting(named: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            reached.append(named)
            return ask(*args, **kwargs)

        return noted

    monkeypatch.setattr(slices, "pieces", noting("pieces", slices.pieces))
    return reached


def test_a_second_call_reads_the_lake_only_after_a_change(
    api: Client, person: Company, capture: Capture, asked: list[str]
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    assert [client.get("/v1/me/summary").json()["captures"] for _ in range(3)] == [3, 3, 3]
    assert asked == ["pieces"]
    capture(ada, 2, start=START + timedelta(hours=2))
    assert client.get("/v1/me/summary").json()["captures"] == 5
    assert asked == ["pieces", "pieces"]


def test_records_of_others_change_nothing(api: Client, person: Company, capture: Capture, asked: list[str]) -> None:
    ada, bob = person(), person("bob@example.com")
    capture(ada, 3)
    client = api(ada)
    for _ in range(3):
        assert client.get("/v1/me/summary").json()["captures"] == 3
        with writer() as connection:
            put(connection, bob.subject, every_minute(1))
    assert asked == ["pieces"]
    capture(ada, 1, start=START + timedelta(hours=2))
    assert client.get("/v1/me/summary").json()["captures"] == 4


def test_nobody_is_told_what_was_kept_for_another(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person(), person("bob@example.com")
    capture(ada, 3)
    capture(bob, 7, application="Outlook")
    first, second = api(ada), api(bob)
    for _ in range(3):
        assert [who.get("/v1/me/summary").json()["captures"] for who in (first, second)] == [3, 7]
        for path in ("/v1/me/retention", "/v1/me/models", "/v1/me/captures"):
            assert "Outlook" not in first.get(path).text
            assert "Excel" not in second.get(path).text


def test_an_erasure_is_seen_at_once(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    assert client.get("/v1/me/summary").json()["captures"] == 3
    assert carry_out(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    assert client.get("/v1/me/summary").json()["captures"] == 0
    assert client.get("/v1/me/captures").json()["captures"] == []


def test_the_next_day_is_seen(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    client.get("/v1/me/summary")
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    client.get("/v1/me/summary")
    assert asked == ["pieces", "pieces"]


def test_what_was_kept_needs_a_sign_in(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    assert client.get("/v1/me/summary").json()["captures"] == 3
    del client.headers["Authorization"]
    assert client.get("/v1/me/summary").status_code == 401
