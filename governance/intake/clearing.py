"""What an erasure or an export does about records that wait: they are stored first, or dropped as the rules say.

An erasure has written its tombstone by then, so what it covers is dropped, and with it the landing files, in which no
byte of the person may stay. What arrives afterwards meets the tombstone.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from filelock import Timeout

from governance.intake import landing, storing

PATIENCE_SECONDS = 60.0


def clear(subjects: Collection[UUID]) -> set[UUID]:
    """Of whom something that waited still waits. Raises LakeUnavailable, NotIngested."""
    before = landing.holding(subjects)
    if not before:
        return set()
    try:
        storing.store_all(PATIENCE_SECONDS)
    except Timeout:
        return set(before)
    after = landing.holding(before)
    return {subject for subject, batches in before.items() if batches & after.get(subject, set())}
