"""The product's own processes for a trial: the API and workers, with a home of their own and an issuer of tokens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx2

from governance import first_start, service_tokens
from tests.support.issuer import Issuer, serving_issuer
from tests.support.people import Company

ROOT = Path(__file__).parents[2]
START_SECONDS = 240.0
STOP_SECONDS = 60.0


@dataclass
class Product:
    """A running product. `service_token` may tell of lineage."""

    home: Path
    url: str
    issuer: Issuer
    person: Company
    service_token: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def token(self, name: str) -> str:
        """A token of `name@example.com`, good for a day."""
        return self.issuer.token_for(name, exp=int(time.time()) + 86_400)

    def log(self, name: str) -> Path:
        return self.home.parent / f"{name}.log"

    def start(self, name: str, command: str) -> None:
        """`python -m governance COMMAND`."""
        log: IO[bytes]
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "governance", command], cwd=ROOT, stdout=log, stderr=log
            )

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(folder: Path, workers: int = 2) -> Iterator[Product]:
    """The API and workers, until the block ends. Sets `OPENBOOK_*` of this process, too."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OPENBOOK_")}
    token, line = service_tokens.make("pipeline")
    port = _free_port()
    with serving_issuer() as issuer:
        ours = {
            "OPENBOOK_HOME": str(folder / "home"),
            "OPENBOOK_API_PORT": str(port),
            "OPENBOOK_ISSUER": issuer.url,
            "OPENBOOK_SERVICE_TOKENS": line,
        }
        os.environ.update(ours)
        first_start.init()
        company = Company(folder / "directory.csv")
        product = Product(folder / "home", f"http://localhost:{port}", issuer, company, token)
        try:
            for number in range(workers):
                product.start(f"worker-{number}", "work")
            product.start("api", "serve")
            _wait_until_ready(product)
            yield product
        finally:
            product.stop()
            for name in ours:
                del os.environ[name]
            os.environ.update(before)


def _wait_until_ready(product: Product) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{product.url}/healthz", timeout=10).json().get("worker") == "running":
                return
        except (httpx2.HTTPError, ValueError):
            pass
        for name, process in product.processes.items():
            assert process.poll() is None, product.log(name).read_text()[-2000:]
        time.sleep(0.5)
    raise AssertionError(f"the API does not answer; its log: {product.log('api')}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])
