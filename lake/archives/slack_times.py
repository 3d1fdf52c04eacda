"""The times of Slack, `1767600061.000100`: seconds since 1970, which also tell the messages of a conversation apart.

Some tools write them as numbers of JSON.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lake.archives.items import iso
from lake.archives.json_files import text
from lake.archives.slack_text import words
from lake.connectors.records import InvalidRecord

TS = re.compile(r"(\d{1,11})(?:\.(\d{1,6}))?")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive UTC)
NEVER = 10**11


def ts_of(message: dict[str, Any], name: str = "ts") -> str:
    """As Slack writes it; empty if there is none."""
    value = message.get(name)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and 0 <= value < NEVER:
        return f"{value:.6f}"
    return text(value)


def moment_of(ts: str) -> datetime:
    """Naive UTC. Raises InvalidRecord."""
    if (found := TS.fullmatch(ts)) is None:
        raise InvalidRecord("the time can't be read")
    try:
        return EPOCH + timedelta(seconds=int(found[1]), microseconds=int((found[2] or "").ljust(6, "0")))
    except OverflowError as error:
        raise InvalidRecord("the time can't be read") from error


def edited_at(message: dict[str, Any], before: dict[str, Any], changed: str) -> str:
    """When it was edited, as text that sorts; empty if it wasn't. `before`, `changed`: of the event that says so, if
    there is one, the message as it was and the time. If no time is said, an edit is no older than its message."""
    edited = message.get("edited")
    if isinstance(edited, dict) and TS.fullmatch(ts := ts_of(edited)):
        return iso(moment_of(ts))
    if edited or (changed and words(message) != words(before)):
        return iso(moment_of(changed or ts_of(message)))
    return ""
