"""Bodies in columns, Parquet or Arrow's IPC stream: each row becomes the line of JSON that it would be.

Columns have the names of a record's fields; `content` is a struct. They are read by a program of their own
(`governance.intake.unpacking`), of which there are at most two at a time in a process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import IO

from errors import TooMany
from governance.intake import unpacking
from governance.intake.records import CaptureContent, CaptureRecord
from governance.intake.unpacking import TOO_MANY_ROWS, UnusableColumns

KINDS = {"application/vnd.apache.parquet": unpacking.PARQUET, "application/vnd.apache.arrow.stream": "arrow"}
PATIENCE_SECONDS = 60.0
RETRY_SECONDS = 10
_turns = BoundedSemaphore(2)


class TooManyRows(UnusableColumns):
    """It has more rows than a body may have."""


class IntakeBusy(TooMany):
    """Too many bodies in columns are being read."""


def lines_of(media_type: str, body: bytes, most: int) -> Generator[bytes]:
    """A line for each row. `media_type`: one of KINDS. Raises UnusableColumns, TooManyRows, IntakeBusy."""
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise IntakeBusy("Too many bodies in columns are being read. Nothing of this body was kept.", RETRY_SECONDS)
    try:
        with _running(KINDS[media_type], body, most) as lines:
            for line in lines:
                if line.startswith(b"{"):
                    yield line.rstrip(b"\n")
                elif line == b".\n":
                    return
                else:
                    raise _unusable(line[1:].decode().strip(), media_type, most)
        raise _unusable("", media_type, most)
    finally:
        _turns.release()


@contextmanager
def _running(kind: str, body: bytes, most: int) -> Iterator[IO[bytes]]:
    """What the program writes; it is killed afterwards."""
    names = [",".join(CaptureRecord.model_fields), ",".join(CaptureContent.model_fields)]
    program = [sys.executable, "-I", str(Path(unpacking.__file__)), kind, str(most), *names]
    with subprocess.Popen(  # noqa: S603 (our own program)
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"ARROW_DEFAULT_MEMORY_POOL": "system"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        writing = Thread(target=_write, args=(process.stdin, body), daemon=True)
        writing.start()
        try:
            yield process.stdout
        finally:
            process.kill()
            writing.join()


def _write(to: IO[bytes], body: bytes) -> None:
    with suppress(OSError):
        to.write(body)
    with suppress(OSError):
        to.close()


def _unusable(reason: str, media_type: str, most: int) -> UnusableColumns:
    if reason == TOO_MANY_ROWS:
        return TooManyRows(f"The body has more than {most:,} records.")
    name = "Parquet" if KINDS[media_type] == unpacking.PARQUET else "an Arrow IPC stream"
    return UnusableColumns(reason or f"The body can't be read as {name}.")
