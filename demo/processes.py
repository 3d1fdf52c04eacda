"""The demo's processes: starts each with a log, waits until they answer, restarts those that end, and stops all
together."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from demo.environments import environment_of
from demo.logs import Log

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 8.0
POLL_SECONDS = 0.25
LOG_LINES = 15
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Pause before each restart of a process; after the last one, the demo gives up."""
STEADY_SECONDS = 300.0
"""A process that ran for this long starts with the first pause again."""


class NotStarted(Exception):
    """A process did not start, or the demo can't start; the message says why and what to do."""


class TooManyRestarts(Exception):
    """A process ended too often; the message says which one, and has the end of its log."""


@dataclass
class Child:
    """One program. Its processes are in their own group, so that Ctrl-C reaches only the demo."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes]
    said: Log
    started_at: float
    ends: int = 0
    """How often it ended in a row without running long enough."""
    again_at: float | None = None
    """When it is restarted; None while it runs."""

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ended(self) -> str:
        """A sentence that says how it ended."""
        status = self.process.returncode
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        return f"The {self.name} ended ({how})."

    def end_of_log(self) -> str:
        self.said.wait(1.0)
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:] if self.log.exists() else []
        return "\n".join([f"End of {self.log}:", *(f"    {line}" for line in lines)])


class Children:
    """The processes of the demo. They stop when the `with` block ends or when this process dies.

    `environment` is the complete one; each process gets its part of it (`demo.environments`).
    """

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._logs = logs
        self._children: list[Child] = []
        logs.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        self._watchdog = subprocess.Popen(
            [sys.executable, "-m", "demo.watchdog"],
            cwd=ROOT,
            env=environment_of("watchdog", self._environment),
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        return self

    def start(self, name: str, module: str, *arguments: str) -> Child:
        """Starts `python -m module arguments…`; its output goes to `NAME.log`."""
        path = self._logs / f"{name.replace(' ', '-')}.log"
        command = [sys.executable, "-m", module, *arguments]
        child = Child(name, command, path, *self._run(name, command, path), time.monotonic())
        self._children.append(child)
        return child

    def _run(self, name: str, command: Sequence[str], log: Path) -> tuple[subprocess.Popen[bytes], Log]:
        process = subprocess.Popen(  # noqa: S603 (our own modules)
            command,
            cwd=ROOT,
            env=environment_of(name, self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        self._tell_watchdog(f"+{process.pid}")
        return process, Log(log, process.stdout)

    def wait_until_answering(self, child: Child, url: str, saying: str = "") -> None:
        """Waits until the URL answers with success and contains these words. Raises NotStarted."""
        give_up_at = time.monotonic() + START_SECONDS
        while not _answers(url, saying.encode()):
            self.check()
            if time.monotonic() > give_up_at:
                raise NotStarted(f"The {child.name} does not answer at {url}. Its log: {child.log}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """During startup: raises NotStarted if any process has ended."""
        for child in self._children:
            if child.has_ended():
                raise NotStarted(f"{child.ended()} {child.end_of_log()}")

    def keep_running(self) -> Iterator[str]:
        """Checks all processes once, and restarts those that ended after a pause. Yields messages about it.

        Raises TooManyRestarts for one that ends too often.
        """
        now = time.monotonic()
        for child in self._children:
            if child.again_at is not None:
                if now >= child.again_at:
                    child.process, child.said = self._run(child.name, child.command, child.log)
                    child.started_at, child.again_at = now, None
                    yield f"The {child.name} was started again."
            elif child.has_ended():
                yield self._plan_restart(child, now)

    def _plan_restart(self, child: Child, now: float) -> str:
        _kill_group(child.process.pid)  # its own child processes
        self._tell_watchdog(f"-{child.process.pid}")
        if now - child.started_at > STEADY_SECONDS:
            child.ends = 0
        if child.ends == len(PAUSES):
            raise TooManyRestarts(
                f"{child.ended()} It was started again {child.ends} times and kept ending, so everything is stopped."
                f" Nothing that was stored is lost. {child.end_of_log()}"
            )
        pause = PAUSES[child.ends]
        child.ends += 1
        child.again_at = now + pause
        return f"{child.ended()} It is started again in {pause:g} s. Its log: {child.log}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            _signal_group(child, signal.SIGTERM)
        give_up_at = time.monotonic() + STOP_SECONDS
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.1, give_up_at - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.process.wait()
            child.said.wait(1.0)
            self._tell_watchdog(f"-{child.process.pid}")
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        self._watchdog.wait()

    def _tell_watchdog(self, line: str) -> None:
        pipe: IO[bytes] | None = self._watchdog.stdin
        assert pipe is not None
        pipe.write(f"{line}\n".encode())
        pipe.flush()


def require_free_ports(ports: Sequence[tuple[int, str, str]]) -> None:
    """Checks that nothing listens on the ports (port, process, setting). Raises NotStarted."""
    for port, whose, setting in ports:
        if _is_taken(port):
            raise NotStarted(
                f"Port {port}, where the {whose} would listen, is taken. Stop the program that uses it,"
                f" or choose another port: {setting}={port + 1000} make run"
            )


def _is_taken(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False


def _answers(url: str, saying: bytes) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (our own http URLs)
            return response.status == http.client.OK and saying in response.read()
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def _signal_group(child: Child, number: signal.Signals) -> None:
    if not child.has_ended():
        os.killpg(child.process.pid, number)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
