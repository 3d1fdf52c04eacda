"""Paints over what a stored picture may not show to programs that train: names and contact details.

The text is read again, by a program of its own (`main`): reading takes 700 MB of memory, which is free again when no
picture was asked for in `IDLE_SECONDS`, and damage to that program doesn't end the API. There is one in a process, so
readers take turns, picture by picture.
"""

from __future__ import annotations

import atexit
import re
import resource
import select
import struct
import subprocess
import sys
import time
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, TYPE_CHECKING

from lake.pictures.decoding import PictureRefused

if TYPE_CHECKING:
    from lake.safeguards.patterns import Finding

IDLE_SECONDS = 60.0
LONGEST_SECONDS = 600.0
PROCESSOR_SECONDS = 120
"""A picture that takes longer is left out. The first is for a program that hangs: others may need the processor."""
END_SECONDS = 5.0
SHORTEST_PART = 4
"""OCR often drops spaces: a name of so many letters is also found inside a longer word."""
NAME = "email_address"
"""The kind that names count as: one that is not looked for across the ends of lines."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_LENGTH = struct.Struct(">I")


class Painter:
    """Runs the program, and starts it again when it ended."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.end)

    def painted(self, picture: bytes, names: Collection[str]) -> bytes | None:
        """The picture as WebP, painted over; None if that can't be done. `names`: as people write them."""
        with self._turn:
            for _ in range(2):  # it may have ended because it was idle, or have been killed for its memory
                process = self._running()
                end = Timer(LONGEST_SECONDS, process.kill)
                end.start()
                try:
                    return _asked(process, "\n".join(names).encode(), picture)
                except (OSError, EOFError):
                    self.end()
                finally:
                    end.cancel()
            return None

    def end(self) -> None:
        """End the program; the next picture starts it again."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            try:
                process.communicate(timeout=END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.end()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lake.pictures.for_training"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                env={},
            )
        return self._process


def _asked(process: subprocess.Popen[bytes], names: bytes, picture: bytes) -> bytes | None:
    """Raises OSError or EOFError if the program ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    for part in (names, picture):
        _write(process.stdin, part)
    return _read(process.stdout) or None


def painted(picture: bytes, names: Collection[str]) -> bytes:
    """The same, in this process. Raises PictureRefused."""
    from lake.pictures.painting import made_safe  # these take time to load, and only the program needs them
    from lake.safeguards.passwords import in_url
    from lake.safeguards.patterns import find

    parts = {part for name in names for part in _WORD.findall(plain(name))}
    return made_safe(picture, [], lambda text: [*find(text), *in_url(text), *_names(text, parts)]).data


def plain(text: str) -> str:
    """In small letters without accents, which OCR often drops; as long as the text."""
    return "".join((unicodedata.normalize("NFKD", each)[:1] or each).casefold()[:1] or each for each in text)


def _names(text: str, parts: Collection[str]) -> list[Finding]:
    from lake.safeguards.patterns import Finding

    return [Finding(*word.span(), NAME) for word in _WORD.finditer(plain(text)) if _has_name(word.group(), parts)]


def _has_name(word: str, parts: Collection[str]) -> bool:
    if word in parts:
        return True
    lengths = range(SHORTEST_PART, len(word))
    return any(word[at : at + length] in parts for length in lengths for at in range(len(word) - length + 1))


def main() -> int:
    """Answers on standard output until there was nothing to do for a while, or nobody asks any more."""
    into, out = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError):
        while select.select([into], [], [], IDLE_SECONDS)[0]:
            names, picture = _read(into).decode().split("\n"), _read(into)
            used = int(time.process_time()) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (used + PROCESSOR_SECONDS, resource.RLIM_INFINITY))
            try:
                answer = painted(picture, names)
            except PictureRefused:
                answer = b""
            _write(out, answer)
    return 0


def _write(to: IO[bytes], part: bytes) -> None:
    to.write(_LENGTH.pack(len(part)) + part)
    to.flush()


def _read(source: IO[bytes]) -> bytes:
    """Raises EOFError."""
    [length] = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    return _exactly(source, length)


def _exactly(source: IO[bytes], length: int) -> bytes:
    found = source.read(length)
    if len(found) < length:
        raise EOFError
    return found


if __name__ == "__main__":
    raise SystemExit(main())
