"""Logs of the demo's processes, in files of limited size."""

from __future__ import annotations

import logging
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

LARGEST = 2 << 20
OLDER = 2
"""A log has at most LARGEST bytes, plus OLDER older parts of that size: `worker.log`, `worker.log.1`, …"""
LONGEST_LINE = 1 << 16


class _Lines(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """On a full disk, the line is lost, but the process continues."""


class Log:
    """Copies a pipe's output to a log until the pipe is closed."""

    def __init__(self, path: Path, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lines = _Lines(path, maxBytes=LARGEST, backupCount=OLDER, encoding="utf-8", delay=True)
        self._thread = threading.Thread(target=self._copy, name=f"log {path.stem}", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Waits until all output is in the file, or the time is up because a grandchild still holds the pipe."""
        self._thread.join(seconds)

    def _copy(self) -> None:
        with self._pipe:
            while line := self._pipe.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip("\n")
                self._lines.emit(logging.makeLogRecord({"msg": text}))
        self._lines.close()
