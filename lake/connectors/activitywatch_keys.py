"""API keys of ActivityWatch servers: a CSV file with the columns `server` and `key` (`OPENBOOK_ACTIVITYWATCH_KEYS`)."""

from __future__ import annotations

from pathlib import Path

from lake.connectors.csv_rows import rows
from lake.connectors.lines import opened
from lake.connectors.records import InvalidSource, Quarantined
from settings import settings

COLUMNS = ["server", "key"]


def key_of(url: str) -> str | None:
    """The key of the server at this base URL; None if it has none. Raises InvalidSource, which names no key."""
    file = settings().activitywatch_keys
    if not file:
        return None
    with opened(Path(file), "file of ActivityWatch keys") as raw:
        table = rows(raw)
        header = next(table, None)
        if header is None or isinstance(header, Quarantined) or [name.strip() for name in header[1]] != COLUMNS:
            raise InvalidSource(
                f"{file} doesn't say which server has which key: its first line must be server,key."
                " Nothing was changed."
            )
        for row in table:
            if isinstance(row, Quarantined):
                raise InvalidSource(f"{file}, line {row.line}: {row.reason}. Nothing was changed.")
            server, key = (value.strip() for value in row[1])
            if server.rstrip("/") == url.rstrip("/"):
                if not (key.isascii() and key.isprintable() and key):
                    raise InvalidSource(f"{file}, line {row[0]}: this is not a key. Nothing was changed.")
                return key
    return None
