"""What the demo's processes say, in files that do not grow without end."""

from __future__ import annotations

import logging
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

LARGEST = 2 << 20
OLDER = 2
"""A log has at most LARGEST bytes, and OLDER older parts of that size beside it: `worker.log`, `worker.log.1`, …"""
LONGEST_LINE = 1 << 16


class _Lines(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """A full disk costs the line, not the process that says it."""


class Log:
    """Copies what comes out of a pipe to a log, until the pipe is closed."""

    def __init__(self, path: Path, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lines = _Lines(path, maxBytes=LARGEST, backupCount=OLDER, encoding="utf-8", delay=True)
        self._thread = threading.Thread(target=self._copy, name=f"log {path.stem}", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until all that was said is in the file; a grandchild that still holds the pipe is not waited for longer."""
        self._thread.join(seconds)

    def _copy(self) -> None:
        with self._pipe:
            while line := self._pipe.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip("\n")
                self._lines.emit(logging.makeLogRecord({"msg": text}))
        self._lines.close()
