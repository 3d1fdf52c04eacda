"""A trial: what its participants share, and how each takes turns.

A participant repeats a call until it is acknowledged, like a client that can't know how far a dead process came. Its
promises are checked once everything is idle (`tests.resilience.participants`).
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from directory import Employee
from tests.resilience.lives import Lives
from tests.support.calls import call
from tests.support.people import Company


@dataclass
class Trial:
    """What all participants share."""

    url: str
    person: Company
    token_for: Callable[..., str]
    pipeline_token: str
    lives: Lives
    folder: Path
    seed: int
    alive: dict[str, BaseProcess] = field(default_factory=dict)
    """The processes that may be killed now, by name."""
    put: int = 0
    """Captures acknowledged as stored."""
    requests: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """Acknowledged things, by kind."""
    again: Sequence[int] = (429, 503)
    """Statuses after which a caller tries again."""
    stop: threading.Event = field(default_factory=threading.Event)
    given_up: threading.Event = field(default_factory=threading.Event)
    people: threading.Lock = field(default_factory=threading.Lock)

    def employee(self, email: str, **columns: str) -> Employee:
        with self.people:
            return self.person(email, **columns)

    def stored(self, count: int) -> None:
        with self.people:
            self.put += count

    def acknowledged(
        self,
        method: str,
        path: str,
        token: str,
        *,
        done: Sequence[int] = (200, 201),
        more: Mapping[str, str] | None = None,
        **named: Any,
    ) -> httpx2.Response | None:
        """Repeat a call until its status is one of `done`; None: the trial was stopped. `more`: headers."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), **(more or {})}
        while not self.given_up.is_set():
            try:
                answer = call(method, f"{self.url}{path}", headers=headers, timeout=60, **named)
                if answer.status_code in done:
                    return answer
                assert answer.status_code in self.again, answer.text
            except httpx2.TransportError:
                pass
            time.sleep(0.2)
        return None

    def command(self, name: str, program: str, *arguments: str) -> None:
        """Run a command until it succeeds; it may be killed under this name."""
        while not self.given_up.is_set():
            process = self.start(name, program, *arguments)
            self.alive[name] = process
            process.join()
            self.alive.pop(name, None)
            status = self.status(name)
            if status == "0":
                self.counts[name] += 1
                return
            assert status in (None, "1"), (name, status)
            time.sleep(0.2)

    def start(self, name: str, program: str, *arguments: str) -> BaseProcess:
        self._status(name).unlink(missing_ok=True)
        return self.lives.command(self._status(name), program, *arguments)

    def status(self, name: str) -> str | None:
        """The exit status of the last command of this name; None: it was killed."""
        return self._status(name).read_text() if self._status(name).exists() else None

    def _status(self, name: str) -> Path:
        return self.folder / f"{name}.status"


class Participant:
    """Takes turns until it is told to stop; `check` raises its errors."""

    pause = (0.2, 2.0)

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.dice = random.Random(f"{trial.seed} {type(self).__name__}")
        self.fault: BaseException | None = None

    def run(self) -> None:
        while not self.trial.stop.wait(self.dice.uniform(*self.pause)):
            try:
                self.turn()
            except BaseException as error:
                self.fault = error
                return

    def turn(self) -> None:
        raise NotImplementedError

    def check(self) -> None:
        """Everything is idle: check what was promised."""
        if self.fault is not None:
            raise self.fault
