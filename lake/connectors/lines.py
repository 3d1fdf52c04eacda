"""Reads any text file line by line, and JSON of any size value by value, in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
from ijson.common import ObjectBuilder

from lake.connectors.records import RECORD_LIMIT, TOO_LARGE, InvalidRecord, InvalidSource


@contextmanager
def opened(path: Path, what: str) -> Iterator[BinaryIO]:
    """The file, opened for reading bytes: UTF-8 without a byte order mark, also if it is UTF-16.

    Raises InvalidSource, which says that `what` was expected.
    """
    try:
        with path.open("rb") as file:
            yield as_utf8(file)
    except FileNotFoundError as error:
        raise InvalidSource(f"There is no {what} at {path}. Nothing was changed. Check the path.") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise InvalidSource(f"{path} is not a file; {what} was expected. Nothing was changed.") from error
    except OSError as error:
        raise InvalidSource(f"{path} can't be read: {error.strerror or error}. Nothing was changed.") from error


def as_utf8(file: BinaryIO) -> BinaryIO:
    """A file from its beginning: without a byte order mark, and in UTF-8 if it is UTF-16."""
    start = file.read(len(codecs.BOM_UTF8))
    file.seek(len(codecs.BOM_UTF8) if start == codecs.BOM_UTF8 else 0)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return cast(BinaryIO, io.BufferedReader(_FromUtf16(file, "utf-16")))
    if b"\0" in start[:2] and start[:2] != b"\0\0":
        return cast(BinaryIO, io.BufferedReader(_FromUtf16(file, "utf-16-be" if start[:1] == b"\0" else "utf-16-le")))
    return file


class _FromUtf16(io.RawIOBase):
    """The text of a UTF-16 file, as UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._recoded = codecs.EncodedFile(file, "utf-8", encoding, "replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part: bytes = self._recoded.read(len(buffer) // 2)  # two bytes become three at most
        buffer[: len(part)] = part
        return len(part)


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


def json_of(line: bytes | None) -> Any:
    """The JSON value of a line, of `lines`. Raises InvalidRecord."""
    if line is None:
        raise InvalidRecord(TOO_LARGE)
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidRecord("not complete JSON") from error


def file_in(folder: Path, name: object) -> Path | None:
    """The file that a source calls so, if it is in this folder; no link leads out of it."""
    if not isinstance(name, str) or not name or "\0" in name:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def value_of(tokens: Iterator[tuple[str, str, Any]], event: str, value: Any, limit: int = RECORD_LIMIT) -> Any:
    """The JSON value that starts with the given token; TOO_LARGE if it has more than `limit` bytes."""
    builder = ObjectBuilder()
    depth = size = 0
    while True:
        depth += event in ("start_map", "start_array")
        depth -= event in ("end_map", "end_array")
        size += len(value) if isinstance(value, str) else 8
        if size <= limit:
            builder.event(event, value)
        if not depth:
            return builder.value if size <= limit else TOO_LARGE
        _, event, value = next(tokens)
