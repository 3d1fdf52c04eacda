"""The running workers: each holds a numbered slot through a lock that ends when it dies (`databases.locks`).

A slot is `$OPENBOOK_HOME/governance/workers/worker-N.lock`, or an advisory lock of that name in PostgreSQL; its name is
the executor id under which the queue records the worker's current workflows.

A lock in PostgreSQL is lost when the server restarts or the network fails. Another worker may then take the slot and
everything that the queue has under its name. So a worker that lost it must not do another step: it begins anew, as if
it had been killed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from filelock import Timeout

import home
from databases.locks import Held, is_any_held, lock
from governance.db.database import governance_folder

logger = logging.getLogger("governance")

WATCHED_SECONDS = 0.5
MOST_FILES = 65_536


@contextmanager
def place() -> Iterator[str]:
    """Take the first free slot, until the block ends; yields its name. Raises HomeUnavailable, PartUnavailable."""
    home.require()
    _folder().mkdir(exist_ok=True)
    with ExitStack() as slot:
        for number in count():
            name = f"worker-{number}"
            try:
                held = slot.enter_context(lock(_file(name), timeout=0))
            except Timeout:
                continue
            slot.enter_context(_watched(held))
            yield name
            return


@contextmanager
def _watched(held: Held) -> Iterator[None]:
    """Begin anew as soon as the slot is lost during the block."""
    if held.connection is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            if held.is_lost(WATCHED_SECONDS):
                break
        if not ended.is_set():
            begin_anew()

    watching = threading.Thread(target=watch, name="slot", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def begin_anew() -> None:
    """Become a new process of the same program, at once: no thread of this one does anything more."""
    logger.warning("this worker lost its slot, because PostgreSQL ended its connection. It begins anew")
    os.closerange(3, MOST_FILES)  # also the locks of files, as a process that is killed
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 (the same program with the same arguments)


@contextmanager
def if_dead(name: str) -> Iterator[bool]:
    """Whether no one holds this slot, which need not be one of ours; if so, it is held during the block."""
    with ExitStack() as slot:
        try:
            slot.enter_context(lock(_file(name), timeout=0))
        except Timeout:
            yield False
            return
        yield True


def any_running() -> bool:
    """Whether there is a worker that can process a request. Raises PartUnavailable."""
    return is_any_held(_folder())


def _folder() -> Path:
    return governance_folder() / "workers"


def _file(name: str) -> Path:
    return _folder() / f"{name}.lock"
