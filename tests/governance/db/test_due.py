"""What was put off by a clock that was ahead is tried again once the clock is right, not in that wrong year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api import service_tokens
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.lineage.folding import fold_pending
from governance.lineage.tables import LineageEventRow
from governance.requests.retries import LONGEST_PAUSE, waiting
from tests.governance.conftest import Capture, Client, ended, wait_until
from tests.governance.lineage import told
from tests.support.people import Company

YEARS = timedelta(days=3 * 365)


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def put_off(request: str, away: timedelta | None) -> None:
    """As a worker does whose work failed, by a clock that is so far away."""
    with writing() as session:
        row = session.get_one(RequestRow, UUID(request))
        row.state, row.retry_at = State.FAILED, None if away is None else clock.now_utc() + away


@pytest.mark.parametrize(
    ("away", "due"),
    [
        (timedelta(seconds=-1), True),
        (timedelta(seconds=30), False),
        (LONGEST_PAUSE - timedelta(seconds=30), False),
        (LONGEST_PAUSE + timedelta(seconds=30), True),
        (YEARS, True),
        (None, True),
    ],
)
def test_a_request_is_due_unless_its_pause_is_one_of_ours(
    api: Client, ada: Employee, away: timedelta | None, due: bool
) -> None:
    request = api(ada).post("/v1/requests", json={"type": "export"}).json()["id"]
    put_off(request, away)
    with reading() as session:
        assert [str(row.id) for row in session.scalars(waiting())] == ([request] if due else [])


def test_a_worker_carries_out_what_a_wrong_clock_put_off(
    api: Client, ada: Employee, capture: Capture, work: Callable[[], object]
) -> None:
    capture(ada, 5)
    client = api(ada)
    request = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    put_off(request, YEARS)
    work()
    wait_until(lambda: client.get(f"/v1/requests/{request}").json()["state"] == "completed")
    assert ended(client, request)["outcome"]["erased"] == 5


def test_lineage_that_a_wrong_clock_put_off_is_folded(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token, line = service_tokens.make("training")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    unknown.headers["Authorization"] = f"Bearer {token}"
    event = told.event("COMPLETE", "a", outputs=[told.model("sable", "1")])
    assert unknown.post("/api/v1/lineage", json=event).status_code == 201
    with writing() as session:
        session.execute(update(LineageEventRow).values(waiting=True, retry_at=clock.now_utc() + YEARS))
    fold_pending()
    with reading() as session:
        assert session.scalars(select(LineageEventRow.waiting)).all() == [False]
