"""The demo's processes: started with a log each, waited for until they answer, and stopped together."""

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 8.0
POLL_SECONDS = 0.25
LOG_LINES = 15


class NotStarted(Exception):
    """A process did not come up, or the demo can't start; the message says why and what to do."""


@dataclass
class Child:
    """One process, in a process group of its own so that a Ctrl-C reaches the demo alone."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def diagnosis(self) -> str:
        """That it ended, and the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        log = "\n".join(f"    {line}" for line in lines)
        return f"The {self.name} ended (exit status {self.process.returncode}). End of {self.log}:\n{log}"


class Children:
    """The processes of the demo. Leaving the `with` block stops them; so does the death of this process."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._logs = logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self._watchdog = subprocess.Popen(
            [sys.executable, "-m", "demo.watchdog"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        return self

    def start(self, name: str, module: str, *arguments: str) -> Child:
        """Start `python -m module arguments…`; what it prints goes to `NAME.log`."""
        path = self._logs / f"{name.replace(' ', '-')}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 (our own modules)
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, path)
        self._children.append(child)
        self._tell_watchdog(f"+{process.pid}")
        return child

    def wait_until_answering(self, child: Child, url: str, saying: str = "") -> None:
        """Wait until the URL answers with success, and these words in it. Raises NotStarted."""
        give_up_at = time.monotonic() + START_SECONDS
        while not _answers(url, saying.encode()):
            self.check()
            if time.monotonic() > give_up_at:
                raise NotStarted(f"The {child.name} does not answer at {url}. Its log: {child.log}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raises NotStarted if any process has ended."""
        for child in self._children:
            if child.has_ended():
                raise NotStarted(child.diagnosis())

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
    """Check that nothing listens on the ports (port, whose, setting). Raises NotStarted."""
    for port, whose, setting in ports:
        if _is_taken(port):
            raise NotStarted(
                f"Port {port}, where the {whose} would listen, is taken. Stop what listens there,"
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
