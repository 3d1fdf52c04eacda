"""What a text says, where ids and digests in it are random: a short word is found in those by chance."""

from __future__ import annotations

import re


def mentions(text: str, word: str) -> bool:
    """Whether the text has this as a whole word or number; a part of an id, a digest or a longer number is none."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
