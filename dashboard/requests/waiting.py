"""A deletion that waits a day: until when, and what holds meanwhile."""

from __future__ import annotations

import clock
from api_client.models import ListedRequest
from dashboard.language import t
from dashboard.moments import Zone, moment_words


def waits(request: ListedRequest) -> bool:
    """Whether it is a deletion that has not started, because its owner chose to wait a day."""
    starts_at = request.starts_at if request.state in ("received", "verifying") else None
    return starts_at is not None and clock.now() < starts_at


def waits_until(request: ListedRequest, zone: Zone) -> str | None:
    """When the deletion starts, and what holds until then; None if it doesn't wait."""
    if not waits(request) or request.starts_at is None:
        return None
    return t(
        "**The deletion starts on {time} ({zone}).** Until then nothing is deleted, and you can change your mind. New "
        "datasets leave these records out.",
        time=moment_words(request.starts_at, zone),
        zone=zone.label,
    )
