"""Two APIs and three workers share a home whose state is in PostgreSQL. A worker, an API and the server are killed
while people file requests and read: each request ends exactly once, and readers see nothing that a retry doesn't hide.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

import verifier
from directory import Employee
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.ledger.signing import signer
from governance.ledger.tables import ReceiptRow
from tests.governance.conftest import ROOT, wait_until
from tests.resilience import world
from tests.resilience.lives import Lives
from tests.resilience.participants import Auditor
from tests.resilience.traffic import Participant, Trial
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.ports import free_ports
from tests.support.postgres import Server

pytestmark = pytest.mark.state_in_postgresql

PEOPLE, CAPTURES, WORKERS = 12, 3, 3
KINDS = ("erasure", "export", "objection")
PATIENCE_SECONDS = 240.0


class Filing(Participant):
    """Each person files one request."""

    pause = (0.1, 0.4)

    def __init__(self, trial: Trial, people: list[Employee]) -> None:
        super().__init__(trial)
        self.people = list(people)

    def turn(self) -> None:
        if self.people:
            who, kind = self.people.pop(), KINDS[len(self.people) % len(KINDS)]
            if self.trial.acknowledged("POST", "/v1/requests", self.trial.token_for(who), json={"type": kind}):
                self.trial.requests += 1


class Reading(Participant):
    """Looks at what is shown, and sees it, or a 503 or 429 that says when to try again."""

    pause = (0.05, 0.2)

    def __init__(self, trial: Trial, who: Employee) -> None:
        super().__init__(trial)
        self.token = trial.token_for(who)

    def turn(self) -> None:
        for path in ("/v1/me/summary", "/v1/requests", "/v1/ledger/checkpoint"):
            headers = {"Authorization": f"Bearer {self.token}"}
            try:
                answer = httpx2.get(f"{self.trial.url}{path}", headers=headers, timeout=60)
            except httpx2.TransportError:
                self.trial.counts["no answer"] += 1
                continue
            self.trial.counts[str(answer.status_code)] += 1
            assert answer.status_code == 200 or int(answer.headers["Retry-After"]) > 0, answer.text
            assert answer.status_code in {200, 429, 503}, answer.text


class Supervisor:
    """Starts processes of the program, and others in the place of those that it kills."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, command: str, port: int = 0) -> None:
        environment = {**os.environ, **({"OPENBOOK_API_PORT": str(port)} if port else {})}
        self.running.append(subprocess.Popen([sys.executable, "-m", "governance", command], cwd=ROOT, env=environment))

    def kill_first(self, command: str, port: int = 0) -> None:
        process = next(one for one in self.running if isinstance(one.args, list) and one.args[-1] == command)
        self.running.remove(process)
        process.kill()
        process.wait(60)
        self.start(command, port)

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(120)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    yield made
    made.end()


@pytest.fixture
def trials(home: Path, person: Company, token_for: Callable[..., str], lives: Lives, tmp_path: Path) -> list[Trial]:
    """One for each API."""

    def lasting(who: Employee) -> str:
        return token_for(who, exp=int(time.time()) + 24 * 3600)

    ports = free_ports(2)
    return [Trial(f"http://localhost:{port}", person, lasting, "", lives, tmp_path, port) for port in ports]


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", timeout=60).status_code in {200, 503}
    except httpx2.TransportError:
        return False


def filed(trials: list[Trial]) -> int:
    return sum(trial.requests for trial in trials)


@pytest.mark.timeout(900)
def test_each_request_ends_once_whatever_is_killed(
    trials: list[Trial], supervisor: Supervisor, person: Company, postgres: Server
) -> None:
    for number in range(PEOPLE):
        person.add(f"p{number}@example.com")
    reader = person("reader@example.com")
    people = [person(f"p{number}@example.com") for number in range(PEOPLE)]
    for who in [reader, *people]:
        store_captures(who, CAPTURES, content=lambda number: {"text": f"typed {number}"})
    ports = [int(trial.url.rpartition(":")[2]) for trial in trials]
    for port in ports:
        supervisor.start("serve", port)
    for _ in range(WORKERS):
        supervisor.start("work")
    wait_until(lambda: all(answers(trial.url) for trial in trials), PATIENCE_SECONDS)

    half = PEOPLE // 2
    takers: list[Participant] = [Filing(trials[0], people[:half]), Filing(trials[1], people[half:])]
    takers += [Reading(trial, reader) for trial in trials]
    auditor = Auditor(trials[1])
    threads = [threading.Thread(target=one.run) for one in [*takers, auditor]]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: filed(trials) >= 3, PATIENCE_SECONDS)
        supervisor.kill_first("work")
        wait_until(lambda: filed(trials) >= 5, PATIENCE_SECONDS)
        supervisor.kill_first("serve", ports[0])
        wait_until(lambda: filed(trials) >= 7, PATIENCE_SECONDS)
        postgres.kill()
        time.sleep(1)
        postgres.start()
        wait_until(lambda: filed(trials) == PEOPLE, PATIENCE_SECONDS)
        wait_until(world.all_ended, PATIENCE_SECONDS)
        wait_until(lambda: not world.under_way(), PATIENCE_SECONDS)
    finally:
        for trial in trials:
            trial.stop.set()
        for thread in threads:
            thread.join()
    for one in takers:
        one.check()
    auditor.check()
    assert all(trial.counts["200"] for trial in trials)
    verify_receipts(trials, people)
    supervisor.end()
    supervisor.running.clear()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RequestRow)) == PEOPLE
        assert session.scalar(select(func.count()).select_from(ReceiptRow)) == PEOPLE
    world.check((PEOPLE + 1) * CAPTURES)


def verify_receipts(trials: list[Trial], people: list[Employee]) -> None:
    """With the ledger's verifier, each from the other API than its request went to."""
    for trial, asked in zip(trials, (people[PEOPLE // 2 :], people[: PEOPLE // 2]), strict=True):
        for who in asked:
            token = trial.token_for(who)
            [request] = _json(trial, "/v1/requests", token)
            receipt = trial.acknowledged("GET", f"/v1/requests/{request['id']}/receipt", token)
            assert receipt is not None
            assert verifier.verify(receipt.text, verifier.Trust(keys=[signer().key])).proven
            assert json.loads(receipt.text)["statement"]["request"] == request["id"]


def _json(trial: Trial, path: str, token: str) -> list[dict[str, str]]:
    answer = trial.acknowledged("GET", path, token)
    assert answer is not None
    found: list[dict[str, str]] = answer.json()
    return found
