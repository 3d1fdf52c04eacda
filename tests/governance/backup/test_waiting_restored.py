"""An erasure that waits, and one that its owner took back, after a restore of an older backup."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory import Employee
from governance.backup import making
from governance.backup.places.folder import Folder
from governance.fulfilment import waiting
from governance.ledger import trusted_time
from governance.requests.filing import WAIT
from tests.governance.backup.test_choices_restored import Restored, at, restored
from tests.governance.conftest import Capture, Client
from tests.governance.fulfilment.test_standing import may_be_trained_on
from tests.governance.recording.test_consent import HOUR
from tests.governance.working import carry_out, maintain_rules
from tests.lake.ingesting import START
from tests.lake.times import Clock
from tests.support.people import Company

__all__ = ["at", "restored"]


@pytest.fixture
def ada(person: Company, capture: Capture, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Employee:
    monkeypatch.setattr(trusted_time, "allows", lambda _: True)
    ada = person("ada@example.com")
    capture(ada, 4)
    return ada


def test_state_since_the_backup_holds(
    backups: Folder,
    ada: Employee,
    person: Company,
    capture: Capture,
    api: Client,
    again: Client,
    at: Clock,
    restored: Restored,
) -> None:
    bob = person("bob@example.com")
    capture(bob, 3)
    asked = {"type": "erasure", "wait_a_day": True}
    taken_back = api(ada).post("/v1/requests", json=asked).json()
    waiting.keep_out()
    old = making.make(backups)
    at(START + HOUR)
    api(ada).delete(f"/v1/requests/{taken_back['id']}")
    maintain_rules()
    waits = api(bob).post("/v1/requests", json=asked).json()
    waiting.keep_out()
    restored(backups, old.name)
    assert (may_be_trained_on(ada.subject), may_be_trained_on(bob.subject)) == (4, 0)
    assert again(bob).get(f"/v1/requests/{waits['id']}").json()["starts_at"] == waits["starts_at"]
    at(START + HOUR + WAIT + timedelta(minutes=1))
    waiting.start()
    assert not carry_out(taken_back["id"])
    assert carry_out(waits["id"])
    assert again(bob).get(f"/v1/requests/{waits['id']}").json()["outcome"]["erased"] == 3
    assert len(again(ada).get("/v1/me/captures").json()["captures"]) == 4
