"""Two machines at work: what runs on them, and who uses them meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
from tests.support import calls, nginx
from tests.support.hosts import Host, Hosts
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.ports import free_ports

CAPTURES, SENT = 3, 5
KINDS = ("erasure", "export", "objection")
PATIENCE_SECONDS = 240.0
HIDDEN_BY_TRYING_AGAIN = (429, 502, 503, 504)
"""502 and 504 are nginx's, where neither machine answered."""


class Filing(Participant):
    """Each person files one request."""

    pause = (0.1, 0.4)

    def __init__(self, trial: Trial, people: Sequence[Employee]) -> None:
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
                answer = calls.get(f"{self.url}{path}", headers=self.headers, timeout=90)
            except httpx2.TransportError:
                self.trial.counts["no answer"] += 1
                continue
            assert answer.status_code in (200, *HIDDEN_BY_TRYING_AGAIN), (path, answer.status_code, answer.text)
            self.seen[path] += answer.status_code == 200


class Machines:
    """Starts programs on the machines, and others in the place of those that it kills."""

    def __init__(self, hosts: Hosts, homes: tuple[Path, Path]) -> None:
        self.hosts = hosts
        self.each: tuple[tuple[Host, Path], ...] = ((hosts.one, homes[0]), (hosts.two, homes[1]))
        self.apis, self.dashboards = self._addresses(), self._addresses()
        self.running: list[tuple[subprocess.Popen[bytes], tuple[int, tuple[str, ...]]]] = []

    def _addresses(self) -> list[str]:
        return [f"{host.address}:{port}" for (host, _), port in zip(self.each, free_ports(len(self.each)), strict=True)]

    def start(self, machine: int, *command: str) -> None:
        host, home = self.each[machine]
        given = {"HOME": str(home)}
        for name, (address, _, port) in (
            ("API", self.apis[machine].partition(":")),
            ("DASHBOARD", self.dashboards[machine].partition(":")),
        ):
            given |= {f"{name}_HOST": address, f"{name}_PORT": port}
        environment = os.environ | {f"OPENBOOK_{name}": value for name, value in given.items()}
        environment["FORWARDED_ALLOW_IPS"] = self.hosts.front.address
        started = host.start([sys.executable, "-m", *command], cwd=ROOT, env=environment)
        self.running.append((started, (machine, command)))

    def kill(self, machine: int, *command: str) -> None:
        one = next(one for one in self.running if one[1] == (machine, command))
        self.running.remove(one)
        one[0].kill()
        one[0].wait(60)
        self.start(machine, *command)

    def all_run(self) -> bool:
        return all(process.poll() is None for process, _ in self.running)

    def end(self) -> None:
        for process, _ in self.running:
            process.terminate()
        for process, _ in self.running:
            process.wait(120)
        self.running.clear()

    @contextmanager
    def working(self, folder: Path, workers: Sequence[int], patch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
        """An API, a dashboard and so many workers on each, and the URLs of the API and the dashboard at the proxy."""
        with nginx.serving(folder, self.apis, self.dashboards, self.hosts.front) as (api, dashboard):
            patch.setenv("OPENBOOK_API_URL", api)
            patch.setenv("OPENBOOK_DASHBOARD_URL", dashboard)
            for machine, count in enumerate(workers):
                self.start(machine, "governance", "serve")
                self.start(machine, "dashboard")
                for _ in range(count):
                    self.start(machine, "governance", "work")
            wait_until(lambda: all(answers(at, "/readyz") for at in self.apis), PATIENCE_SECONDS)
            wait_until(lambda: all(answers(at, "/_stcore/health") for at in self.dashboards), PATIENCE_SECONDS)
            yield api, dashboard


class Work:
    """What people, a recorder and readers do at the same time, and what each was promised."""

    def __init__(self, trial: Trial, people: Sequence[Employee], sending: Sending, looking: list[Looking]) -> None:
        self.trial, self.people, self.sending, self.looking = trial, people, sending, looking
        self._taking_part: list[tuple[Participant, threading.Thread]] = []

    def begin(self, *participants: Participant) -> None:
        for one in participants:
            thread = threading.Thread(target=one.run)
            self._taking_part.append((one, thread))
            thread.start()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        self.begin(*self.looking, self.sending, Auditor(self.trial))
        try:
            yield
            self._finish()
        finally:
            self.trial.stop.set()
            for _, thread in self._taking_part:
                thread.join()
        for one, _ in self._taking_part:
            one.check()
        self._verify_receipts()

    def wait_until_all_is_seen(self) -> None:
        """What readers look at, from now on."""
        for look in self.looking:
            look.seen.clear()
        wait_until(lambda: all(look.fault or all(map(look.seen.get, look.paths)) for look in self.looking), 60)

    def _finish(self) -> None:
        wait_until(lambda: self.trial.requests == len(self.people), PATIENCE_SECONDS)
        self.wait_until_all_is_seen()
        wait_until(world.all_ended, PATIENCE_SECONDS)
        self.trial.stop.set()
        wait_until(all_stored, PATIENCE_SECONDS)
        wait_until(lambda: not world.under_way(), PATIENCE_SECONDS)

    def _verify_receipts(self) -> None:
        """With the ledger's verifier."""
        for who in self.people:
            token = self.trial.token_for(who)
            listed = self.trial.acknowledged("GET", "/v1/requests", token)
            assert listed is not None
            [request] = listed.json()
            receipt = self.trial.acknowledged("GET", f"/v1/requests/{request['id']}/receipt", token)
            assert receipt is not None
            assert verifier.verify(receipt.text, verifier.Trust(keys=[signer().key])).proven
            assert json.loads(receipt.text)["statement"]["request"] == request["id"]

    def check(self) -> None:
        """Each request ended once, with a receipt, and each record is stored once."""
        with reading() as session:
            for table in (RequestRow, ReceiptRow):
                assert session.scalar(select(func.count()).select_from(table)) == len(self.people)
        assert self.sending.sent
        assert world.captures_of(self.sending.who.subject) == self.sending.sent
        world.check((len(self.people) + 1) * CAPTURES + self.sending.sent)


@dataclass(frozen=True)
class Place:
    """Where a test is, and what it has."""

    machines: Machines
    person: Company
    token_for: Callable[..., str]
    lives: Lives
    patch: pytest.MonkeyPatch
    folder: Path

    @contextmanager
    def at_work(self, people: int, workers: Sequence[int]) -> Iterator[Work]:
        """Everything runs, with so many workers on each machine, and a recorder and readers are at work. When the block
        ends, so does all that these people asked for, and it is checked."""
        for number in range(people):
            self.person.add(f"p{number}@example.com")
        reader, recorded = self.person("reader@example.com"), self.person("recorded@example.com")
        asking = [self.person(f"p{number}@example.com") for number in range(people)]
        for who in [reader, *asking]:
            store_captures(who, CAPTURES, content=lambda number: {"text": f"typed {number}"})
        token, line = service_tokens.make("recorder", [Scope.CAPTURES_WRITE], until=date(2100, 1, 1))
        self.patch.setenv("OPENBOOK_SERVICE_TOKENS", line)
        self.patch.setenv("OPENBOOK_INTAKE_SECONDS", "0")
        with self.machines.working(self.folder / "nginx", workers, self.patch) as (api, dashboard):
            trial = Trial(
                api, self.person, self._lasting, "", self.lives, self.folder, people, again=HIDDEN_BY_TRYING_AGAIN
            )
            bearer = {"Authorization": f"Bearer {self._lasting(reader)}"}
            claims = {"sub": "reader", "exp": int(clock.now().timestamp()) + 3600, "origin": dashboard}
            browser, _ = sessions.begin(claims, {"access_token": self._lasting(reader)})
            cookie = {"Cookie": f"{cookie_name(secure=False)}={browser}"}
            looking = [
                Looking(trial, api, ("/v1/me/summary", "/v1/requests", "/v1/ledger/checkpoint"), **bearer),
                Looking(trial, dashboard, ("/", "/access-log"), **cookie),
            ]
            work = Work(trial, asking, Sending(trial, token, recorded), looking)
            log = f"{dashboard}/access-log"  # not there before a worker's first round, and the batch after it
            wait_until(lambda: calls.get(log, headers=cookie, timeout=90).status_code == 200, PATIENCE_SECONDS)
            with work.going_on():
                yield work
            self.machines.end()
        work.check()

    def _lasting(self, who: Employee) -> str:
        return self.token_for(who, exp=int(time.time()) + 24 * 3600)


def answers(address: str, path: str) -> bool:
    try:
        return calls.get(f"http://{address}{path}", timeout=60).status_code == 200
    except httpx2.TransportError:
        return False


def all_stored() -> bool:
    with reading() as session:
        return not session.scalar(select(func.count()).where(IntakeBatchRow.state != STORED))
