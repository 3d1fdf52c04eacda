"""Processes that can be killed, many of them, without waiting each time until Python has imported everything.

A server process has imported the program (multiprocessing's `forkserver`); each life is a fork of it that then runs
the real worker or the real API, as `python -m governance work` and `serve` do.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from governance import __main__ as program
from governance import worker
from lake import connection
from tests.resilience.traps import die, disk_full, set_trap

KILLED = -signal.SIGKILL


class Lives:
    """Starts lives; the last of them ends with the block that `beginning` opens."""

    def __init__(self, home: Path) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.resilience.lives", "pytest"])
        self._home = home
        self._all: list[BaseProcess] = []

    def worker(self, trap: str | None = None, *, full: bool = False, largest_file: int | None = None) -> BaseProcess:
        """A worker that dies at a point; `full`: one whose disk is full there; or one that can't write larger files."""
        return self._begin(_work, trap, full, largest_file)

    def api(self) -> BaseProcess:
        return self._begin(_serve)

    def end(self) -> None:
        for process in self._all:
            process.kill()
            process.join()

    def _begin(self, live: object, *arguments: object) -> BaseProcess:
        environment = {name: value for name, value in os.environ.items() if name.startswith("OPENBOOK_")}
        signed = set(connection._signed)  # checking 90 MB again in each life would take longer than most of them last
        process = self._context.Process(target=_live, args=(environment, signed, live, *arguments), daemon=True)
        process.start()
        self._all.append(process)
        return process


@contextmanager
def beginning(home: Path) -> Iterator[Lives]:
    lives = Lives(home)
    try:
        yield lives
    finally:
        lives.end()


def _live(environment: Mapping[str, str], signed, live, *arguments) -> None:  # type: ignore[no-untyped-def]
    # The server process keeps the environment of the test that started it.
    for name in [name for name in os.environ if name.startswith("OPENBOOK_")]:
        del os.environ[name]
    os.environ.update(environment)
    connection._signed.update(signed)
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


def _serve() -> None:
    program.serve()
