"""What an erasure or an export does about records that wait: they are stored first, or dropped as the rules say.

An erasure has written its tombstone by then, so what it covers is dropped, and with it the landing files, in which no
byte of the person may stay. What arrives afterwards meets the tombstone.
"""

from __future__ import annotations

from uuid import UUID

from filelock import Timeout

from governance.intake import landing, storing

PATIENCE_SECONDS = 60.0


def clear(subject: UUID) -> bool:
    """Whether nothing of what waited of this person waits any more. Raises LakeUnavailable, NotIngested."""
    before = landing.holding(subject)
    if not before:
        return True
    try:
        storing.store_all(PATIENCE_SECONDS)
    except Timeout:
        return False
    return not before & landing.holding(subject)
