"""Two workers and the API are killed at random moments, alone or all at once, while people go on filing requests.

How often: `RANDOM_KILLS` in the environment. Whatever the moments were, each request that was filed is on disk once,
ends once, and does what it says.
"""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import func, select

from directory import Employee
from governance.database import reading
from governance.models import RequestRow
from tests.governance.conftest import Capture, wait_until
from tests.resilience import world
from tests.resilience.lives import Lives
from tests.support.people import Company

KILLS = int(os.environ.get("RANDOM_KILLS", "6"))
LOOKED_AT_AFTER = 40
PATIENCE_SECONDS = 300.0
EXCEL = {"applications": ["Excel"]}


@dataclass
class Filing:
    """People who are captured and file requests, one after another, until they are told to stop."""

    url: str
    person: Company
    capture: Capture
    token_for: Callable[..., str]
    dice: random.Random
    left: dict[str, tuple[Employee, int]] = field(default_factory=dict)
    """How many captures each person has when all is done."""
    put: int = 0
    filed: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    given_up: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.wait(self.dice.uniform(0.2, 2.0)):
            name = f"p{len(self.left)}@example.com"
            employee = self.person(name)
            self.capture(employee, 4)
            self.capture(employee, 3, application="Chrome")
            self.put += 7
            kinds: list[tuple[str, dict[str, Any], int]] = [
                ("export", {}, 7),
                ("erasure", EXCEL, 3),
                ("erasure", {}, 0),
            ]
            chosen = self.dice.sample(kinds, self.dice.randint(1, 3))
            for kind, scope, _ in chosen:
                self.file(employee, kind, scope)
            self.left[name] = employee, min(left for *_, left in chosen)

    def give_up(self) -> None:
        """Ends the thread also where a test has failed and no API answers any more."""
        self.stop.set()
        self.given_up.set()

    def file(self, employee: Employee, kind: str, scope: dict[str, Any]) -> None:
        """As a client does that can't know whether the API had got the request when it died."""
        headers = {"Authorization": f"Bearer {self.token_for(employee)}", "Idempotency-Key": str(uuid4())}
        while not self.given_up.is_set():
            try:
                body = {"type": kind, "scope": scope}
                answer = httpx2.post(f"{self.url}/v1/requests", json=body, headers=headers, timeout=30)
                if answer.status_code in (200, 201):
                    self.filed += 1
                    return
                assert answer.status_code == 503, answer.text
            except httpx2.TransportError:
                pass
            time.sleep(0.2)


@pytest.mark.timeout(300 + 15 * KILLS)
def test_killed_at_random_moments(
    person: Company,
    capture: Capture,
    token_for: Callable[..., str],
    lives: Lives,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    seed = int(os.environ.get("RANDOM_SEED", str(time.time_ns())))
    dice = random.Random(seed)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
    filing = Filing(f"http://localhost:{port}", person, capture, token_for, random.Random(seed + 1))
    begins = {"worker": lives.worker, "another worker": lives.worker, "api": lives.api}
    alive: dict[str, BaseProcess] = {name: begin() for name, begin in begins.items()}
    request.addfinalizer(filing.give_up)
    counts: Counter[str] = Counter()
    for first in range(0, KILLS, LOOKED_AT_AFTER):
        filing.stop.clear()
        thread = threading.Thread(target=filing.run, daemon=True)
        thread.start()
        for _ in range(first, min(first + LOOKED_AT_AFTER, KILLS)):
            time.sleep(dice.uniform(0.3, 4.0))
            victims = dice.choice([["worker"], ["another worker"], ["api"], list(begins)])
            for name in victims:
                alive[name].kill()
            for name in victims:
                alive[name].join()
                alive[name] = begins[name]()
            counts["all three" if len(victims) > 1 else victims[0]] += 1
        filing.stop.set()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), seed
        wait_until(lambda: world.all_ended() and not world.under_way(), PATIENCE_SECONDS)
        world.check(filing.put)
        for employee, left in filing.left.values():
            assert world.captures_of(employee.subject) == left, (seed, employee.email)
        with reading() as session:
            assert session.scalar(select(func.count()).select_from(RequestRow)) == filing.filed, seed
        print(f"{sum(counts.values())} kills, {filing.filed} requests: all ended, once", file=sys.stderr)
    with capsys.disabled():
        print(f"\n{sum(counts.values())} kills ({dict(counts)}), {filing.filed} requests, seed {seed}")
