"""The real API for the client to talk to.

serving   `serving(worker=True)`: starts the API, and a worker, as processes of their own; gives its address
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import pytest

from tests.support import forking
from tests.support.issuer import Issuer
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 900


@pytest.fixture
def serving(home: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    processes: list[BaseProcess] = []

    def run(command: str) -> None:
        processes.append(forking.command("governance", command))

    def start(*, worker: bool) -> str:
        [port] = free_ports(1)
        monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
        run("serve")
        if worker:
            run("work")
        address = f"http://localhost:{port}"
        _wait_for(f"{address}/healthz")
        return address

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(30)
        assert process.exitcode is not None


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(url).raise_for_status()
            return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the API does not start"
            time.sleep(0.1)
