"""Processes of the program that can be killed: each is a fork that runs the real worker or the real API, as
`python -m governance work` and `serve` do.
"""

from __future__ import annotations

import importlib
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from governance import __main__ as program
from governance.worker import process as worker
from lake.storage.durable import write_bytes
from tests.resilience.traps import die, disk_full, set_trap
from tests.support import forking

KILLED = -signal.SIGKILL


class Lives:
    """Starts processes; all of them end with the block that `beginning` opens."""

    def __init__(self) -> None:
        self._all: list[BaseProcess] = []

    def worker(self, trap: str | None = None, *, full: bool = False, largest_file: int | None = None) -> BaseProcess:
        """A worker that dies at a point; `full`: its disk is full there; or one that can't write larger files."""
        return self._begin(_work, trap, full, largest_file)

    def api(self) -> BaseProcess:
        return self._begin(_serve)

    def rotation(self, trap: str) -> BaseProcess:
        """`python -m governance rotate-keys master`, which dies at a point."""
        return self._begin(_rotate, trap)

    def command(self, status: Path, program: str, *arguments: str) -> BaseProcess:
        """`python -m PROGRAM ARGUMENTS…`, which leaves its exit status in the file `status` unless it is killed.

        `Process.exitcode` is unreliable if several threads start processes: each start polls all of them.
        """
        return self._begin(_command, status, program, arguments)

    def end(self) -> None:
        for process in self._all:
            process.kill()
            process.join()

    def _begin(self, live: Callable[..., None], *arguments: object) -> BaseProcess:
        process = forking.start(_quietly, live, *arguments)
        self._all.append(process)
        return process


@contextmanager
def beginning() -> Iterator[Lives]:
    lives = Lives()
    try:
        yield lives
    finally:
        lives.end()


def _quietly(live: Callable[..., None], *arguments: object) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    logging.getLogger("dbos").setLevel(logging.ERROR)
    live(*arguments)


def _work(trap: str | None, full: bool, largest_file: int | None) -> None:
    if trap is not None:
        set_trap(trap, disk_full if full else die)
    if largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    worker.run()


def _rotate(trap: str) -> None:
    set_trap(trap, die)
    sys.argv = ["governance", "rotate-keys", "master"]
    program.main()


def _serve() -> None:
    program.serve()


def _command(status: Path, program: str, arguments: Sequence[str]) -> None:
    sys.argv = [program, *arguments]
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 (until the process ends)
    write_bytes(status, str(importlib.import_module(f"{program}.__main__").main()).encode())
