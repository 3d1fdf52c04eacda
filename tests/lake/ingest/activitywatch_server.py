"""A real ActivityWatch server, in the separate environment that `make test` creates; created here if missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.support.ports import free_port

ENVIRONMENT = Path(sys.prefix) / "activitywatch"
REQUIREMENTS = Path(__file__).parents[3] / "requirements/activitywatch.txt"
START_SECONDS = 60


class Server:
    """Calls it as the watchers do."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer to a call of its REST API."""
        request = urllib.request.Request(
            f"{self.url}/api/0/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def fill(self, bucket: str, kind: str, events: list[dict[str, Any]]) -> None:
        """Make a bucket and put events into it."""
        self.call("POST", f"buckets/{bucket}", {"client": bucket.split("_")[0], "type": kind, "hostname": "desk"})
        self.call("POST", f"buckets/{bucket}/events", events)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server with its data and configuration in `folder`, on a free port."""
    program = _program()
    port = free_port()
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [program, "--testing", "--host", "localhost", "--port", str(port)],
            env={**os.environ, **homes, "HOME": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            server = Server(f"http://localhost:{port}")
            _wait(server, process, folder / "output")
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _wait(server: Server, process: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            server.call("GET", "info")
        except OSError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"aw-server did not start: {output.read_text()}") from error
            time.sleep(0.1)
        else:
            return


def _program() -> Path:
    program = ENVIRONMENT / "bin" / "aw-server"
    with FileLock(f"{ENVIRONMENT}.lock"):
        if not program.exists():
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
            install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)]
            subprocess.run([ENVIRONMENT / "bin" / "python", *install], check=True)
    return program
