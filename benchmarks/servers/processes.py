"""Open Book's own programs, each in a process of its own, and what they used."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.ports import free_port

START_SECONDS = 60.0
STOP_SECONDS = 60.0


@contextmanager
def running(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Python with these arguments until the block ends, with `environment` besides this process's."""
    process = subprocess.Popen(  # noqa: S603 (our own programs)
        [sys.executable, *arguments],
        env={**os.environ, "OPENBOOK_TIME_SOURCE": "none", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@contextmanager
def serving(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """An API at the port that is given with it, once it answers."""
    port = free_port()
    with running(arguments, {"OPENBOOK_API_PORT": str(port), **environment}) as process:
        wait_for(port, process, "/openapi.json")
        yield port, process


def wait_for(port: int, process: subprocess.Popen[bytes], path: str) -> None:
    """Until the server at a port of this machine answers what is at `path`. Raises AssertionError if it doesn't."""
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("localhost", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"A server did not start: {process.args!r}")


def memory(which: str, process: int | str = "self") -> float:
    """Memory of a process in MB: resident now (VmRSS), or at most since its start (VmHWM)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def processor_seconds(process: int) -> float:
    """What it has used since its start."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
