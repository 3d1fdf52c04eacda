"""What is logged of an error: its kind and place, never its message, which may quote what a person typed."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from uuid import uuid4

logger = logging.getLogger("governance")


def log_unexpected(error: BaseException) -> str:
    """Write the kind and place of an error to the log; returns the reference it is found by."""
    reference = uuid4().hex[:12]
    logger.error("unexpected error %s: %s", reference, kind_and_place(error))
    return reference


def kind_and_place(error: BaseException) -> str:
    """What may be said of an error that may quote anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames[-8:]))
    return f"{type(error).__name__} at {place}"
