"""An erasure of everything has no end in time until its receipt: whichever clock was wrong, nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.domain.lifecycle import State
from governance.fulfilment import erasure as erasing
from governance.requests import holds, progress
from lake.rules import erasure
from lake.rules.holds import lift_hold
from lake.rules.scope import CLOCK_TOLERANCE
from lake.storage.connection import transaction, writer
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out, maintain_rules
from tests.lake.rows import Capture as Row
from tests.lake.rows import put
from tests.support.people import Company


@pytest.fixture
def ada(person: Company) -> Employee:
    return person()


def erase(client: TestClient, **scope: Any) -> UUID:
    return UUID(client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"])


def outcome(client: TestClient, request_id: UUID) -> dict[str, Any]:
    return dict(client.get(f"/v1/requests/{request_id}").json()["outcome"])


def left(employee: Employee) -> int:
    with writer() as connection:
        rows = "select count(*) from captures where subject = $subject"
        [(found,)] = connection.execute(rows, {"subject": employee.subject}).fetchall()
    return int(found)


def brings(employee: Employee, at: datetime) -> tuple[int, int]:
    """A recorder brings one capture: stored, refused as erased."""
    with writer() as connection:
        batch = put(connection, employee.subject, [Row(captured_at=at)])
    return batch.stored, batch.erased_before


@pytest.mark.parametrize("wrong_by", [timedelta(days=-2), timedelta(days=-400), timedelta(days=400)])
def test_wrong_clock_leaves_nothing_unerased(
    api: Client, ada: Employee, capture: Capture, monkeypatch: pytest.MonkeyPatch, wrong_by: timedelta
) -> None:
    now = clock.now_utc()
    capture(ada, 300, start=now - timedelta(days=30), text="before")
    capture(ada, 10, start=now - timedelta(hours=12), text="of the last two days")
    capture(ada, 3, start=now + timedelta(days=900), text="of a recorder that is far ahead")
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: (now + wrong_by).replace(tzinfo=UTC))
        client = api(ada)
        request_id = erase(client)
        assert carry_out(request_id)
    assert left(ada) == 0
    assert outcome(api(ada), request_id)["erased"] == 313


def test_preview_of_everything_counts_future_timestamps(api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 3)
    capture(ada, 2, start=clock.now_utc() + timedelta(days=2))
    assert api(ada).post("/v1/requests/preview", json={"type": "erasure"}).json()["events"] == 5


def test_ingestion_is_refused_until_the_receipt(api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 3)
    client = api(ada)
    request_id = erase(client)
    ahead = clock.now_utc() + timedelta(days=3)
    assert brings(ada, ahead) == (1, 0), "before the tombstone: it goes with the rest"
    progress.begin(request_id)
    for joint in erasing.TOGETHER:
        joint([request_id])
        assert brings(ada, ahead + timedelta(days=1)) == (0, 1), joint.__name__
    for step in erasing.EACH:
        assert brings(ada, ahead + timedelta(days=1)) == (0, 1), step.__name__
        step(request_id)
    assert outcome(client, request_id)["erased"] == 4
    assert brings(ada, clock.now_utc()) == (0, 1), "recorders may be five minutes ahead"
    assert brings(ada, clock.now_utc() + 2 * CLOCK_TOLERANCE) == (1, 0)


def test_worker_closes_tombstones_left_by_a_crash(
    api: Client, ada: Employee, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(ada, 3)
    client = api(ada)
    request_id = erase(client)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "close_tombstones", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out(request_id)
    ended_at = datetime.fromisoformat(client.get(f"/v1/requests/{request_id}").json()["completed_at"])
    later = ended_at.replace(tzinfo=None) + CLOCK_TOLERANCE
    assert brings(ada, later) == (0, 1)
    for _ in range(2):
        erasing.close_finished_tombstones()
    assert brings(ada, later - timedelta(seconds=1)) == (0, 1)
    assert brings(ada, later) == (1, 0)


def test_lifted_hold_releases_only_old_captures(
    api: Client, ada: Employee, capture: Capture, hold: Callable[..., UUID]
) -> None:
    capture(ada, 2)
    capture(ada, 3, application="Chrome")
    capture(ada, 1, application="Chrome", start=clock.now_utc() + timedelta(days=40), text="far ahead")
    held = hold(ada, ["Chrome"])
    client = api(ada)
    request_id = erase(client)
    carry_out(request_id)
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == State.PARTIALLY_COMPLETED
    assert (outcome(client, request_id)["erased"], outcome(client, request_id)["withheld"]) == (2, 4)
    assert brings(ada, clock.now_utc() + timedelta(days=41)) == (1, 0)
    hold(ada, ["Notepad"])
    with writer() as connection, transaction(connection):
        lift_hold(connection, held, clock.now_utc())
    holding_again(request_id)
    carry_out(request_id)
    assert (outcome(client, request_id)["erased"], outcome(client, request_id)["withheld"]) == (6, 0)
    assert left(ada) == 1
    maintain_rules()


def holding_again(request_id: UUID) -> None:
    """What a worker does once it finds that a hold was lifted."""
    from governance.db.database import writing
    from governance.db.tables import RequestRow

    with writing() as session:
        progress.begin_again(session.get_one(RequestRow, request_id), holds.LIFTED)
