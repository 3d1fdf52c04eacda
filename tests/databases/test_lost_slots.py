"""A worker whose slot was lost begins anew at once: somebody else may have its work by then."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from databases import locks, postgresql
from governance.db import worker_slots
from tests.governance.conftest import ROOT, Capture, Client, ended, wait_until
from tests.support.people import Company

pytestmark = pytest.mark.state_in_postgresql

END = """
    select count(pg_terminate_backend(pid)) from pg_locks
    where locktype = 'advisory' and objsubid = 1 and classid = %s::bigint::oid and granted
"""


def end_slots() -> int:
    """As a server does that restarts: the connections of all slots end; returns how many there were."""
    with postgresql.connect() as connection:
        row = connection.execute(END, [locks._half("workers")]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def process(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that was started by its command."""
    with subprocess.Popen([sys.executable, "-m", "governance", "work"], cwd=ROOT) as started:
        yield started
        started.terminate()


def test_a_worker_that_lost_its_slot_begins_anew(
    process: subprocess.Popen[bytes], api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    wait_until(worker_slots.any_running)
    command = psutil.Process(process.pid).cmdline()
    assert end_slots() == 1
    wait_until(lambda: not worker_slots.any_running())
    wait_until(worker_slots.any_running)
    assert process.poll() is None
    assert psutil.Process(process.pid).cmdline() == command
    client = api(ada)
    request = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    assert ended(client, request)["outcome"]["erased"] == 3


def test_a_slot_that_is_given_up_watches_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[None] = []
    monkeypatch.setattr(worker_slots, "begin_anew", lambda: begun.append(None))
    with worker_slots.place() as name:
        assert name == "worker-0"
    assert end_slots() == 0
    with worker_slots.place():
        assert end_slots() == 1
        wait_until(lambda: begun)
