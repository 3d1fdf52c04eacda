"""A home on two machines without a shared folder: two APIs and two dashboards behind nginx, two workers on each.

A worker, an API, a dashboard and PostgreSQL are killed, and the storage is stopped for a while, while people file
requests, recorders send and readers read. Each request ends exactly once, each record is stored once, and nobody sees
an error that trying again doesn't hide.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

import clock
import verifier
from dashboard.sign_in import sessions
from dashboard.sign_in.server_sessions import cookie_name
from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.intake.tables import STORED, IntakeBatchRow
from governance.ledger.signing import signer
from governance.ledger.tables import ReceiptRow
from tests.governance.conftest import ROOT, wait_until
from tests.governance.intake.conftest import body_of, record
from tests.resilience import world
from tests.resilience.lives import Lives
from tests.resilience.participants import Auditor
from tests.resilience.traffic import Participant, Trial
from tests.support import nginx, object_storage
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.ports import free_ports
from tests.support.postgres import Server

pytestmark = [
    pytest.mark.state_in_files,  # the fixture `home` of this folder says where it is
    pytest.mark.skipif(not nginx.is_there(), reason="nginx is not installed here"),
]

PEOPLE, CAPTURES, MACHINES, WORKERS, SENT = 12, 3, 2, 2, 5
KINDS = ("erasure", "export", "objection")
PATIENCE_SECONDS = 240.0
STOPPED_SECONDS = 8.0
HIDDEN_BY_TRYING_AGAIN = (429, 502, 503, 504)
"""502 and 504 are nginx's, where neither machine answered."""


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


class Sending(Participant):
    """A recorder: each body until it is accepted."""

    def __init__(self, trial: Trial, token: str, who: Employee) -> None:
        super().__init__(trial)
        self.token, self.who = token, who
        self.sent = 0

    def turn(self) -> None:
        numbers = range(self.sent, self.sent + SENT)
        body = body_of(record(number, email=self.who.email, id=f"record {number}") for number in numbers)
        more = {"Content-Type": "application/x-ndjson"}
        if self.trial.acknowledged("POST", "/v1/captures", self.token, done=(202,), content=body, more=more):
            self.sent += SENT


class Looking(Participant):
    """Looks at what is shown, at the API or at a dashboard, and sees it, or an error that trying again hides."""

    pause = (0.05, 0.2)

    def __init__(self, trial: Trial, url: str, paths: tuple[str, ...], **headers: str) -> None:
        super().__init__(trial)
        self.url, self.paths, self.headers = url, paths, headers
        self.seen: Counter[str] = Counter()

    def turn(self) -> None:
        for path in self.paths:
            try:
                answer = httpx2.get(f"{self.url}{path}", headers=self.headers, timeout=90)
            except httpx2.TransportError:
                self.trial.counts["no answer"] += 1
                continue
            assert answer.status_code in (200, *HIDDEN_BY_TRYING_AGAIN), (path, answer.status_code, answer.text)
            self.seen[path] += answer.status_code == 200


class Supervisor:
    """Starts programs on the machines, and others in the place of those that it kills."""

    def __init__(self, homes: list[Path]) -> None:
        self.homes = homes
        self.running: list[tuple[subprocess.Popen[bytes], tuple[int, tuple[str, ...], dict[str, str]]]] = []

    def start(self, machine: int, *command: str, **given: str) -> None:
        environment = {**os.environ, "OPENBOOK_HOME": str(self.homes[machine]), **given}
        started = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment)
        self.running.append((started, (machine, command, given)))

    def kill(self, machine: int, *command: str) -> None:
        one = next(one for one in self.running if one[1][:2] == (machine, command))
        self.running.remove(one)
        one[0].kill()
        one[0].wait(60)
        again_on, what, given = one[1]
        self.start(again_on, *what, **given)

    def end(self) -> None:
        for process, _ in self.running:
            process.terminate()
        for process, _ in self.running:
            process.wait(120)
        self.running.clear()


@pytest.fixture
def supervisor(home: Path, joined: Path) -> Iterator[Supervisor]:
    made = Supervisor([home, joined])
    yield made
    made.end()


@pytest.mark.timeout(900)
def test_each_request_ends_once_whatever_is_killed(
    home: Path,
    supervisor: Supervisor,
    person: Company,
    token_for: Callable[..., str],
    lives: Lives,
    postgres: Server,
    object_server: object_storage.Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for number in range(PEOPLE):
        person.add(f"p{number}@example.com")
    reader, recorded = person("reader@example.com"), person("recorded@example.com")
    people = [person(f"p{number}@example.com") for number in range(PEOPLE)]
    for who in [reader, *people]:
        store_captures(who, CAPTURES, content=lambda number: {"text": f"typed {number}"})
    token, line = service_tokens.make("recorder", [Scope.CAPTURES_WRITE], until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "0")
    ports = free_ports(2 * MACHINES)
    apis, dashboards = ports[:MACHINES], ports[MACHINES:]

    def lasting(who: Employee) -> str:
        return token_for(who, exp=int(time.time()) + 24 * 3600)

    with nginx.serving(tmp_path / "nginx", apis, dashboards) as (api, dashboard):
        monkeypatch.setenv("OPENBOOK_API_URL", api)
        monkeypatch.setenv("OPENBOOK_DASHBOARD_URL", dashboard)
        for machine in range(MACHINES):
            supervisor.start(machine, "governance", "serve", OPENBOOK_API_PORT=str(apis[machine]))
            supervisor.start(machine, "dashboard", OPENBOOK_DASHBOARD_PORT=str(dashboards[machine]))
            for _ in range(WORKERS):
                supervisor.start(machine, "governance", "work")
        wait_until(lambda: all(answers(port, "/readyz") for port in apis), PATIENCE_SECONDS)
        wait_until(lambda: all(answers(port, "/_stcore/health") for port in dashboards), PATIENCE_SECONDS)

        trial = Trial(api, person, lasting, "", lives, tmp_path, seed=apis[0], again=HIDDEN_BY_TRYING_AGAIN)
        half = PEOPLE // 2
        sending = Sending(trial, token, recorded)
        bearer = {"Authorization": f"Bearer {lasting(reader)}"}
        claims = {"sub": "reader", "exp": int(clock.now().timestamp()) + 3600, "origin": dashboard}
        browser, _ = sessions.begin(claims, {"access_token": lasting(reader)})
        cookie = {"Cookie": f"{cookie_name(secure=False)}={browser}"}
        looking = [
            Looking(trial, api, ("/v1/me/summary", "/v1/requests", "/v1/ledger/checkpoint"), **bearer),
            Looking(trial, dashboard, ("/", "/access-log"), **cookie),
        ]
        filing = [Filing(trial, people[:half]), Filing(trial, people[half:])]
        everybody: list[Participant] = [*filing, *looking, sending, Auditor(trial)]
        threads = [threading.Thread(target=one.run) for one in everybody]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: trial.requests >= 2, PATIENCE_SECONDS)
            supervisor.kill(0, "governance", "work")
            wait_until(lambda: trial.requests >= 4, PATIENCE_SECONDS)
            supervisor.kill(1, "governance", "serve")
            supervisor.kill(0, "dashboard")
            wait_until(lambda: trial.requests >= 6, PATIENCE_SECONDS)
            postgres.kill()
            time.sleep(1)
            postgres.start()
            wait_until(lambda: trial.requests >= 9, PATIENCE_SECONDS)
            stop_for_a_while(object_server)
            wait_until(lambda: trial.requests == PEOPLE, PATIENCE_SECONDS)
            for look in looking:
                look.seen.clear()
            wait_until(lambda: all(look.fault or all(map(look.seen.get, look.paths)) for look in looking), 60)
            wait_until(world.all_ended, PATIENCE_SECONDS)
            trial.stop.set()
            wait_until(all_stored, PATIENCE_SECONDS)
            wait_until(lambda: not world.under_way(), PATIENCE_SECONDS)
        finally:
            trial.stop.set()
            for thread in threads:
                thread.join()
        for one in everybody:
            one.check()
        assert sending.sent
        verify_receipts(trial, people)
        supervisor.end()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RequestRow)) == PEOPLE
        assert session.scalar(select(func.count()).select_from(ReceiptRow)) == PEOPLE
    assert world.captures_of(recorded.subject) == sending.sent
    world.check((PEOPLE + 1) * CAPTURES + sending.sent)


def answers(port: int, path: str) -> bool:
    try:
        return httpx2.get(f"http://localhost:{port}{path}", timeout=60).status_code == 200
    except httpx2.TransportError:
        return False


def stop_for_a_while(server: object_storage.Server) -> None:
    """It takes connections, and answers nothing until it goes on."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    server.process.send_signal(signal.SIGCONT)


def all_stored() -> bool:
    with reading() as session:
        return not session.scalar(select(func.count()).where(IntakeBatchRow.state != STORED))


def verify_receipts(trial: Trial, people: list[Employee]) -> None:
    """With the ledger's verifier."""
    for who in people:
        token = trial.token_for(who)
        listed = trial.acknowledged("GET", "/v1/requests", token)
        assert listed is not None
        [request] = listed.json()
        receipt = trial.acknowledged("GET", f"/v1/requests/{request['id']}/receipt", token)
        assert receipt is not None
        assert verifier.verify(receipt.text, verifier.Trust(keys=[signer().key])).proven
        assert json.loads(receipt.text)["statement"]["request"] == request["id"]
