"""Reads any text file line by line in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lake.connectors.records import RECORD_LIMIT, InvalidSource


@contextmanager
def opened(path: Path, what: str) -> Iterator[BinaryIO]:
    """The file, opened for reading bytes. Raises InvalidSource, which says that `what` was expected."""
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise InvalidSource(f"There is no {what} at {path}. Nothing was changed. Check the path.") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise InvalidSource(f"{path} is not a file; {what} was expected. Nothing was changed.") from error
    except OSError as error:
        raise InvalidSource(f"{path} can't be read: {error.strerror}. Nothing was changed.") from error


def lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line with its line end; None for one longer than RECORD_LIMIT, which is skipped without loading it."""
    while line := file.readline(RECORD_LIMIT + 1):
        if len(line) <= RECORD_LIMIT:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(RECORD_LIMIT)
        yield None


def filled(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The number and content of each line that is not blank; None as in `lines`."""
    return ((number, line) for number, line in enumerate(lines(file), start=1) if line is None or line.strip())
