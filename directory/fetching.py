"""Fetches one JSON document over HTTP: without redirects, of bounded size, with one deadline for all of it."""

from __future__ import annotations

import json
import time
from typing import Any

import outgoing

LARGEST_DOCUMENT = 256 * 1024
"""Bytes."""


def fetch_json(url: str, until: float) -> Any:
    """The document at `url`, complete by `until` (`time.monotonic`), however slowly it comes.

    Raises outgoing.CallFailed, ValueError, RecursionError.
    """
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise outgoing.TooSlow("was not asked, because the time was over")
    with outgoing.call("GET", url, {}, largest=LARGEST_DOCUMENT, silence=seconds, seconds=seconds) as answer:
        if answer.status != 200:
            raise outgoing.Unreachable(f"answered {answer.status}")
        return json.loads(answer.read())
