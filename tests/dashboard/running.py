"""Runs the dashboard as its own process, like `python -m dashboard`, and records which machines it connects to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.support import homes
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 900

LAUNCHER = """
import ipaddress, os, socket, sys

def here(host):
    if host in ("", None, "localhost", "localhost."):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

def note(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if not here(host):
        with open(os.environ["NOTES"], "a") as notes:
            notes.write(f"{event} {host}\\n")
        raise PermissionError(host)

sys.addaudithook(note)
from dashboard.__main__ import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Running:
    """`address`: its URL. `notes`: other machines that it tried to connect to, one per line."""

    address: str
    home: Path
    notes: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def healthy(self) -> bool:
        return httpx.get(f"{self.address}/_stcore/health", timeout=60).status_code == 200

    def socket(
        self,
        *,
        origin: str | None = "",
        path: str = "/_stcore/stream",
        cookie: str = "",
        host: str = "",
        xsrf: str = "",
    ) -> ClientConnection:
        """A WebSocket, opened like Streamlit's page does. Raises websockets.exceptions.InvalidStatus."""
        return connect(
            f"ws://{host or f'localhost:{self.port}'}{path}",
            sock=socket.create_connection(("localhost", self.port)),
            additional_headers={"Cookie": cookie} if cookie else {},
            subprotocols=[Subprotocol(name) for name in ("streamlit", xsrf) if name],
            open_timeout=60,
            origin=None if origin is None else Origin(origin or self.address),
        )

    def outside(self) -> str:
        return self.notes.read_text() if self.notes.exists() else ""


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Running]:
    """Runs a dashboard on a free port with a home in `folder`, until the block ends."""
    home = folder / "home"
    homes.copy(home)
    port = free_port()
    notes, log = folder / "outside.txt", folder / "dashboard.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPENBOOK_")}
    ours = {"OPENBOOK_HOME": str(home), "OPENBOOK_DASHBOARD_PORT": str(port), "NOTES": str(notes), **environment}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER], cwd=ROOT, env=inherited | ours, stdout=output, stderr=output
        )
        try:
            started = Running(f"http://localhost:{port}", home, notes, log, process)
            _wait(started)
            yield started
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait(started: Running) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        assert started.process.poll() is None, started.log.read_text()
        assert time.monotonic() < until, started.log.read_text()
        try:
            if started.healthy():
                return
        except httpx.TransportError:
            time.sleep(0.2)
