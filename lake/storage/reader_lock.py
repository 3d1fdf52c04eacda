"""Readers take turns with processes that delete files.

DuckLake reads its SQLite catalog table by table, each in a separate SQLite transaction. While a snapshot is expired or
files are merged, a query can thus find its snapshot in one table and its files missing from the next, and return no
rows instead of failing. Versioned changes (insert, delete, rewrite) can't do this. In PostgreSQL a read sees one moment
of the catalog, but the files that it lists must stay until it has read them.

So every read holds the lock `readers` together with other reads (`reading`), and any removal of catalog rows and files
holds it exclusively (`alone`). The lock `gate` gives processes that wait for exclusive access the next turn: new reads
stop at it, for at most `GATE_SECONDS` at a time, so that one long read never stops all others.

Both end with the process that holds them (`lake.storage.catalogs`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from lake.storage import waiting
from lake.storage.catalogs import Catalog, Lock
from lake.storage.unavailable import LakeBusy

GATE_SECONDS = 1.0
PAUSE_SECONDS = 0.005


@contextmanager
def reading(catalog: Catalog) -> Iterator[None]:
    """Read the lake, together with other readers; waits while a process has exclusive access
    (`lake.storage.waiting`). Raises LakeBusy."""
    with _held(catalog, "gate", shared=True):
        readers = _locked(catalog, "readers", shared=True)
    try:
        yield
    finally:
        readers.close()


@contextmanager
def alone(catalog: Catalog, patience: float) -> Iterator[bool]:
    """Exclusive access to the lake's files, waiting up to `patience` seconds for reads to end. Yields False if they
    did not: then access is not exclusive."""
    readers = catalog.lock("readers")
    try:
        yield _wait(catalog, readers, time.monotonic() + patience)
    finally:
        readers.close()


def _wait(catalog: Catalog, readers: Lock, give_up_at: float) -> bool:
    while True:
        try:
            with _held(catalog, "gate", shared=False, patience=give_up_at - time.monotonic()):
                open_again_at = time.monotonic() + GATE_SECONDS
                while time.monotonic() < open_again_at:
                    if readers.take(shared=False):
                        return True
                    time.sleep(PAUSE_SECONDS)
        except LakeBusy:
            return False
        if time.monotonic() > give_up_at:
            return False
        time.sleep(GATE_SECONDS)


@contextmanager
def _held(catalog: Catalog, name: str, *, shared: bool, patience: float | None = None) -> Iterator[None]:
    lock = _locked(catalog, name, shared=shared, patience=patience)
    try:
        yield
    finally:
        lock.close()


def _locked(catalog: Catalog, name: str, *, shared: bool, patience: float | None = None) -> Lock:
    lock = catalog.lock(name)
    try:
        waiting.until(lambda: lock.take(shared=shared), catalog.watch, patience)
    except BaseException:
        lock.close()
        raise
    return lock
