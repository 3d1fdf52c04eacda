"""The catalog as an SQLite file in the home, for processes of one machine. Its locks are kernel locks (flock)."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lake.storage import waiting
from lake.storage.catalogs import lease, vacuum
from lake.storage.catalogs.locks import Lock
from lake.storage.duplicate import without_settings
from lake.storage.durable import sync_folder
from lake.storage.unavailable import LakeUnavailable

logger = logging.getLogger("lake")


class SqliteCatalog:
    extension = "sqlite_scanner"

    def __init__(self, folder: Path) -> None:
        """`folder`: that of the lake."""
        self._folder = folder
        self.path = folder / "catalog.sqlite"
        self._purge_due = folder / "purge.due"

    def source(self, *, writing: bool) -> tuple[str, str]:
        return f"ducklake:sqlite:{self.path}", "meta_busy_timeout 10000" + (", meta_journal_mode 'WAL'" * writing)

    def exists(self) -> bool:
        return self.path.exists()

    def stamp(self) -> tuple[str, int, int]:
        file = self.path.stat()
        return str(self.path), file.st_dev, file.st_ino

    def state(self) -> tuple[int, ...]:
        wal = self.path.with_name(self.path.name + "-wal")
        found = [file.stat() for file in (self.path, wal) if file.exists()]
        return tuple(number for each in found for number in (each.st_mtime_ns, each.st_size))

    def prepare(self) -> None:
        """Nothing: SQLite creates the file."""

    def finish(self) -> None:
        """Nothing."""

    def clear_away(self) -> None:
        """Nothing: it goes with the folder of the lake."""

    @contextmanager
    def turn(self, patience: float | None) -> Iterator[None]:
        lock = FileLock(self._folder / lease.LOCK)

        def taken() -> bool:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return False
            return True

        waiting.until(taken, self.watch, patience)
        try:
            with lease.held(self._folder):
                yield
        finally:
            lock.release()

    def require_turn(self) -> None:
        """Nothing: a kernel lock is lost only with the process."""

    def lock(self, name: str) -> Lock:
        return _FileLock(self._folder / f"{name}.lock")

    def watch(self) -> None:
        lease.watch(self._folder)

    def rebuild(self, patience: float) -> bool:
        done = subprocess.run(  # noqa: S603 (our own program and path)
            [sys.executable, "-I", str(Path(vacuum.__file__)), str(self.path), str(patience)],
            env=without_settings(),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == vacuum.READERS_IN_THE_WAY:
            return False
        if done.returncode:
            logger.error("the catalog could not be rebuilt: %s", done.stderr.strip()[-300:])
            if "disk is full" in done.stderr:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise LakeUnavailable("The catalog could not be rebuilt just now. Deleted records stay hidden.")
        return True

    def mark_purge_due(self) -> None:
        self._purge_due.touch()
        sync_folder(self._folder)

    def mark_purged(self) -> None:
        self._purge_due.unlink(missing_ok=True)

    def purge_is_due(self) -> bool:
        return self._purge_due.exists()


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, *, shared: bool) -> bool:
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        os.close(self._file)
