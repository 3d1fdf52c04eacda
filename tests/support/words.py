"""Searches in text with random ids and digests, where a short word occurs by chance."""

from __future__ import annotations

import re


def mentions(text: str, word: str) -> bool:
    """Whether the text has this as a whole word or number, not as a part of an id, a digest or a longer number."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
