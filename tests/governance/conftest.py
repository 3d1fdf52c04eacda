"""Fixtures of the governance tests: captures and holds in a real lake, the API, a real worker process.

capture    `capture(employee, count, application=…, signal=…, start=…, text=…)`: puts captures into the lake
hold       `hold(employee, applications=[…])`: a legal hold in force
api        `api(employee)`: a client of the API, signed in as that person
unknown    a client without a token
working    the place of a worker is taken, as while one runs; its name
work       `work()`: starts a worker process; all are stopped at the end of the test
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.db import database, work_queue, worker_slots
from tests.support import applications, forking
from tests.support.lake import POLICY, START, store_captures
from tests.support.lake import hold as place_hold

ROOT = Path(__file__).parents[2]

__all__ = ["POLICY", "START"]

Client = Callable[[Employee], TestClient]
Capture = Callable[..., None]


@pytest.fixture(autouse=True)
def closed_databases(no_home: Path) -> Iterator[None]:
    yield
    work_queue.close()
    database.close()


@pytest.fixture
def capture(home: Path) -> Capture:
    def stored(
        employee: Employee,
        count: int = 3,
        *,
        application: str = "Excel",
        signal: str = "keystroke",
        start: datetime = START,
        text: str = "typed text",
    ) -> None:
        store_captures(
            employee,
            count,
            application=application,
            signal=signal,
            start=start,
            content=lambda number: {"text": f"{text} {number}"},
            position=(10, 20),
        )

    return stored


@pytest.fixture
def hold(home: Path) -> Callable[..., UUID]:
    return place_hold


@pytest.fixture
def unknown(home: Path) -> Iterator[TestClient]:
    with TestClient(applications.as_if_new()) as client:
        yield client


def bearing(unknown: TestClient, token: str) -> TestClient:
    client = TestClient(unknown.app)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def api(unknown: TestClient, token_for: Callable[..., str]) -> Client:
    return lambda employee: bearing(unknown, token_for(employee))


@pytest.fixture
def again(unknown: TestClient, token_for: Callable[..., str]) -> Client:
    """Like `api`, for somebody who signs in after everything that has happened: leaving ends earlier sign-ins."""
    return lambda employee: bearing(unknown, token_for(employee, iat=int(clock.now().timestamp()) + 1))


@pytest.fixture
def working(home: Path) -> Iterator[str]:
    with worker_slots.place() as name:
        yield name


@pytest.fixture
def work(home: Path) -> Iterator[Callable[[], BaseProcess]]:
    processes: list[BaseProcess] = []

    def start() -> BaseProcess:
        processes.append(forking.command("governance", "work"))
        return processes[-1]

    yield start
    for process in processes:
        process.terminate()
        process.join(60)
        assert process.exitcode is not None


def wait_until(done: Callable[[], Any], seconds: float = 60) -> Any:
    """The result of `done`, once it is true; fails the test if it never is."""
    deadline = time.monotonic() + seconds
    while not (result := done()):
        assert time.monotonic() < deadline, "this never happened"
        time.sleep(0.1)
    return result


def ended(client: TestClient, request_id: str) -> dict[str, Any]:
    """The request, once it has ended; fails the test if work on it failed."""

    def look() -> dict[str, Any] | None:
        request: dict[str, Any] = client.get(f"/v1/requests/{request_id}").json()
        assert request["failure"] is None, request["failure"]
        return request if request["completed_at"] else None

    return dict(wait_until(look))
