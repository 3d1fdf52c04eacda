"""Decompresses a gzip body (RFC 1952) as it arrives: one member after the other, and nothing behind them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

AT_ONCE = 2**20
"""Bytes that are decompressed at once."""
HEADER = 31
"""zlib's window bits for a gzip header."""
MOST_MEMBERS = 1_000


class NotGzip(ValueError):
    """The body can't be decompressed; the message says why."""


class Gunzip:
    """One body. `parts` gets its bytes as they come, `end` checks that it is complete."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(HEADER)
        self._members = 1

    def parts(self, part: bytes) -> Iterator[bytes]:
        """What the next bytes hold, decompressed, in pieces of at most `AT_ONCE` bytes. Raises NotGzip."""
        while part:
            if self._member.eof:
                self._next(part)
            try:
                yield self._member.decompress(part, AT_ONCE)
            except zlib.error as error:
                raise NotGzip("The body is declared as gzip but can't be decompressed.") from error
            part = self._member.unconsumed_tail or self._member.unused_data

    def end(self) -> None:
        """Raises NotGzip."""
        if not self._member.eof:
            raise NotGzip("The gzip data in the body is incomplete.")

    def _next(self, part: bytes) -> None:
        """Raises NotGzip."""
        if part[:1] != b"\x1f":
            raise NotGzip("There is something else behind the gzip data in the body.")
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise NotGzip(f"The gzip data in the body has more than {MOST_MEMBERS:,} parts.")
        self._member = zlib.decompressobj(HEADER)
