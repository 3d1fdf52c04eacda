"""Which bytes of a file a request asks for (RFC 9110, 13.1.5 and 14): one range at a time, or the whole.

Headers that don't follow the RFC are ignored, and so are several ranges at once: then the answer is the whole file, as
the RFC allows. `If-Range` keeps a download from being resumed with another file.
"""

from __future__ import annotations

import re

from errors import NotValid

_RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", flags=re.IGNORECASE)


class Unsatisfiable(NotValid, ValueError):
    """No byte of the file, which has `size`, is in this range."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes, and none of them are in the requested range.")
        self.size = size


def asked_for(header: str | None, if_range: str | None, etag: str, size: int) -> tuple[int, int] | None:
    """Start (inclusive) and stop (exclusive) of the range, None for the whole file. Raises Unsatisfiable."""
    if header is None or (if_range is not None and if_range.strip() != etag):
        return None
    found = _RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, stop = max(0, size - int(suffix)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise Unsatisfiable(size)
    return start, stop
