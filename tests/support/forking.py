"""Processes, many of them, without waiting each time until Python has imported everything.

A server process (multiprocessing's `forkserver`, one for all tests of a process) has imported the program; each process
is a fork of it.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess

from lake.storage import opening

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["pytest", "tests.resilience.lives", "tests.governance.backup.test_restoring", "governance.api.app", "uvicorn"]
)


def start(live: Callable[..., None], *arguments: object) -> BaseProcess:
    """A fork that calls `live`, in the environment of the test that starts it."""
    signed = set(opening._signed)  # checking 90 MB again in each would take longer than most of them live
    process = _context.Process(target=_begin, args=(dict(os.environ), signed, live, *arguments), daemon=True)
    process.start()
    return process


def command(program: str, *arguments: str) -> BaseProcess:
    """`python -m PROGRAM ARGUMENTS…`, in the environment of the test that starts it."""
    return start(_main, program, arguments)


def _main(program: str, arguments: Sequence[str]) -> None:
    sys.argv = [program, *arguments]
    sys.orig_argv = [sys.executable, "-m", program, *arguments]  # with which a worker begins anew
    sys.exit(importlib.import_module(f"{program}.__main__").main())


def _begin(environment: Mapping[str, str], signed, live: Callable[..., None], *arguments: object) -> None:  # type: ignore[no-untyped-def]
    # The server process keeps the environment of the test that started it.
    os.environ.clear()
    os.environ.update(environment)
    opening._signed.update(signed)
    live(*arguments)
