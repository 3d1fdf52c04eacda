"""What is logged about an error: its type and place, never its message, which may quote what a person typed."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from uuid import uuid4

logger = logging.getLogger("governance")


def log_unexpected(error: BaseException) -> str:
    """Log the type and place of an error; returns the reference to find it by."""
    reference = uuid4().hex[:12]
    logger.error("unexpected error %s: %s", reference, kind_and_place(error))
    return reference


def kind_and_place(error: BaseException) -> str:
    """What may be logged about an error whose message may quote anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames[-8:]))
    return f"{type(error).__name__} at {place}"
