"""All kinds of work at once for a while: is everything done exactly once, and does resource use stay flat?

People look, file exports, erasures and rules, and withdraw; captures come in; pipelines report runs; a privacy officer
looks and extends; and with browsers, people go from page to page of the dashboard, sign out and in again.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import select

from directory import Employee
from governance.db.database import reading
from governance.db.tables import EventRow, RequestRow
from governance.domain.lifecycle import State
from lake.storage.connection import LakeBusy
from parts import Busy
from tests.support.lake import store_captures
from tests.trials import browsing
from tests.trials.flooders import run_event
from tests.trials.product import Product, running
from tests.trials.samples import EVERY_SECONDS, Samples, sampling

PEOPLE = 24
AT_ONCE = 4
FILE_EVERY_SECONDS = 30.0
"""Requests per person: below the daily limit in half an hour."""
PATIENCE_SECONDS = 600.0
PATHS = ("/v1/me/summary", "/v1/me/captures", "/v1/me/models", "/v1/me/lineage", "/v1/me/retention", "/v1/requests")


@dataclass
class Soak:
    """What was done, and what went wrong."""

    product: Product
    people: list[Employee]
    officer: Employee
    seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: Counter[int] = field(default_factory=Counter)
    reconnected: int = 0
    busy: int = 0
    """How often the lake had no turn for captures that came in; like an answer 503, they come again."""
    before: frozenset[str] = frozenset()
    """Requests that the home had already."""
    filed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    samples: Samples = field(default_factory=Samples)

    def call(self, client: httpx2.Client, method: str, path: str, json: object = None) -> httpx2.Response:
        key = {"Idempotency-Key": str(uuid4())}  # so that a second attempt files nothing twice
        try:
            answer = client.request(method, path, json=json, headers=key)
        except httpx2.ReadError:  # an idle connection, closed by the API at the moment that we used it
            self.reconnected += 1
            answer = client.request(method, path, json=json, headers=key)
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and not (answer.status_code == 503 and "Retry-After" in answer.headers):
            self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def told(self) -> str:
        return (
            f"{len(self.filed)} requests acknowledged, each on disk and ended once; answers {dict(self.statuses)}, "
            f"{self.reconnected} connections reopened, {self.busy} times no turn to write to the lake\n"
            + self.samples.told()
            + "".join(f"\nWRONG {wrong}" for wrong in self.wrong[:20])
        )


def soak(seconds: float, *, browsers: int = 0, folder: Path | None = None, every: float = EVERY_SECONDS) -> Soak:
    """Let all of them work for that many seconds, and wait until all requests have ended."""
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        product = stack.enter_context(running(place, dashboard=browsers > 0))
        trial = _of(product, seconds)
        with sampling(product, place / "samples.csv", every) as trial.samples, _all_at_work(trial):
            browsing.browse(trial.people, browsers, seconds, trial.wrong, place)
        _wait_until_ended(trial)
        _check(trial)
        return trial


def _of(product: Product, seconds: float) -> Soak:
    people = product.employees or [product.person(f"p{number}@example.com") for number in range(PEOPLE)]
    officers = [employee for employee in people if employee.role == "privacy_officer"]
    officer = officers[0] if officers else product.person("olga@example.com", role="privacy_officer")
    others = [employee for employee in people if employee.subject != officer.subject][:PEOPLE]
    for employee in others:
        store_captures(employee, 200, content=lambda number: {"text": f"text {number}"})
    with reading() as session:
        before = frozenset(str(request_id) for request_id in session.scalars(select(RequestRow.id)))
    return Soak(product, others, officer, seconds, before=before)


@contextmanager
def _all_at_work(trial: Soak) -> Iterator[None]:
    parts: list[Callable[[], None]] = [lambda: _ingest(trial), lambda: _tell(trial), lambda: _decide(trial)]
    parts += [
        lambda employees=trial.people[number::AT_ONCE], seed=number: _live(trial, employees, seed)  # type: ignore[misc]
        for number in range(AT_ONCE)
    ]
    threads = [threading.Thread(target=_watched, args=(trial, part), daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        trial.stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)


def _watched(trial: Soak, part: Callable[[], None]) -> None:
    while not trial.stop.is_set():
        try:
            part()
        except (Busy, LakeBusy):
            trial.busy += 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            trial.wrong.append(
                f"{type(error).__name__}: {error}"[:300] + f" ({where.name}, {where.filename}:{where.lineno})"
            )
            trial.stop.wait(1)


def _live(trial: Soak, employees: list[Employee], seed: int) -> None:
    """Some people, one after another: view two pages, and sometimes file or withdraw a request."""
    dice = random.Random(seed)
    last_filed: dict[str, float] = {}
    while not trial.stop.is_set():
        for employee in employees:
            with trial.product.client(employee) as client:
                for path in dice.sample(PATHS, 2):
                    trial.call(client, "GET", path)
                if time.monotonic() - last_filed.get(employee.email, 0) > FILE_EVERY_SECONDS:
                    last_filed[employee.email] = time.monotonic()
                    _file(trial, client, dice)
            if trial.stop.wait(dice.uniform(0.2, 1.0)):
                return


def _file(trial: Soak, client: httpx2.Client, dice: random.Random) -> None:
    minute = dice.randrange(200)
    scope = {"from": f"2026-03-02T{9 + minute // 60:02}:{minute % 60:02}:00Z"}
    kind = dice.choice(["export", "export", "erasure", "objection", "restriction"])
    trial.call(client, "POST", "/v1/requests/preview", {"type": kind, "scope": scope})
    answer = trial.call(client, "POST", "/v1/requests", {"type": kind, "scope": scope})
    if answer.status_code != 201:
        return
    filed = answer.json()["id"]
    trial.filed.add(filed)
    if kind in ("objection", "restriction"):
        trial.stop.wait(2)
        trial.call(client, "DELETE", f"/v1/requests/{filed}")


def _ingest(trial: Soak) -> None:
    dice = random.Random(99)
    while not trial.stop.wait(3):
        store_captures(dice.choice(trial.people), 20, content=lambda number: {"text": f"later {number}"})


def _tell(trial: Soak) -> None:
    headers = {"Authorization": f"Bearer {trial.product.service_token}"}
    with httpx2.Client(base_url=trial.product.url, headers=headers, timeout=120) as client:
        while not trial.stop.wait(2):
            trial.call(client, "POST", "/api/v1/lineage", run_event())


def _decide(trial: Soak) -> None:
    with trial.product.client(trial.officer) as client:
        while not trial.stop.wait(5):
            open_ones = trial.call(client, "GET", "/v1/officer/requests")
            trial.call(client, "GET", "/v1/holds")
            if open_ones.is_success and open_ones.json():
                body = {"decision": "extend", "reason": "many_requests"}
                trial.call(client, "POST", f"/v1/requests/{open_ones.json()[0]['id']}/decision", body)


def _wait_until_ended(trial: Soak) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with reading() as session:
            states = session.scalars(select(RequestRow.state)).all()
        if all(State(state).final for state in states):
            return
        time.sleep(1)
    trial.wrong.append("requests did not end")


def _check(trial: Soak) -> None:
    """Everything acknowledged is on disk once, and completed once at most."""
    with reading() as session:
        found = [str(request_id) for request_id in session.scalars(select(RequestRow.id))]
        events = session.execute(select(EventRow.request_id, EventRow.state).order_by(EventRow.id)).all()
    states: dict[UUID, list[str]] = {}
    for request_id, state in events:
        states.setdefault(request_id, []).append(state)
    # A note may follow in the same state, such as that the export's file was deleted.
    twice = [key for key, each in states.items() if [one for one, _ in groupby(each)].count(State.COMPLETED) > 1]
    new = [request_id for request_id in found if request_id not in trial.before]
    if set(new) != trial.filed or len(new) != len(set(new)):
        trial.wrong.append(f"{len(trial.filed)} requests were acknowledged, {len(new)} are on disk")
    if twice:
        trial.wrong.append(f"{len(twice)} requests completed twice")
