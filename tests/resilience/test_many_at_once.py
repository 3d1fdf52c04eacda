"""A hundred simultaneous requests, through the real API, while two workers write to the same databases: more than it
answers at once, so callers wait their turn."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import func, select

from governance.db.database import reading
from governance.db.tables import RequestRow
from tests.governance.conftest import Capture, wait_until
from tests.resilience.lives import Lives
from tests.support import calls
from tests.support.people import Company
from tests.support.ports import free_port

AT_ONCE = 100
PEOPLE = 20
PATIENCE_SECONDS = 240.0
KINDS = ("export", "erasure", "objection", "restriction", "export")


@pytest.mark.timeout(400)
def test_a_hundred_requests_at_once_are_all_taken_once(
    person: Company,
    capture: Capture,
    token_for: Callable[..., str],
    lives: Lives,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    employees = [person(f"p{number}@example.com") for number in range(PEOPLE)]
    for employee in employees[:5]:
        capture(employee, 3)
    port = free_port()
    monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
    lives.worker()
    lives.worker()
    lives.api()
    url = f"http://localhost:{port}"
    tokens = [token_for(employee) for employee in employees]
    wait_until(lambda: _answers(url))
    together = threading.Barrier(AT_ONCE)
    statuses: Counter[int] = Counter()

    def file(number: int) -> str:
        kind = KINDS[number // PEOPLE]
        body = {"type": kind, "scope": {"applications": ["Excel"]} if number // PEOPLE == 4 else {}}
        headers = {"Authorization": f"Bearer {tokens[number % PEOPLE]}", "Idempotency-Key": str(uuid4())}
        together.wait()
        deadline = time.monotonic() + PATIENCE_SECONDS
        with httpx2.Client(timeout=60) as client:
            while True:
                answer = client.post(f"{url}/v1/requests", json=body, headers=headers)
                statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    return str(answer.json()["id"])
                assert answer.status_code in (429, 503), answer.text
                assert int(answer.headers["Retry-After"]) > 0
                assert time.monotonic() < deadline, statuses
                time.sleep(0.5)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        filed = list(pool.map(file, range(AT_ONCE)))
    assert len(set(filed)) == AT_ONCE
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RequestRow)) == AT_ONCE


def _answers(url: str) -> bool:
    try:
        return bool(calls.get(f"{url}/healthz").json()["worker"] == "running")
    except httpx2.TransportError:
        return False
