"""How a process writes its log to standard error: lines for people, or one JSON object per line.

Everything may import this module; it imports only the settings.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from settings import settings

FOR_PEOPLE = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """`time` (UTC, RFC 3339), `level`, `logger`, `message`; `exception`: its type only, as its words may quote
    anything."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = record.exc_info[0].__name__
        return json.dumps(fields, ensure_ascii=False)


def configure(level: int) -> None:
    """For the whole process, once."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json() else logging.Formatter(FOR_PEOPLE))
    logging.basicConfig(level=level, handlers=[handler])


def as_json() -> bool:
    return settings().log_format == "json"
