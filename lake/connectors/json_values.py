"""Reads JSON of any size value by value, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ijson.common import ObjectBuilder

from lake.connectors.records import RECORD_LIMIT, TOO_LARGE


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
