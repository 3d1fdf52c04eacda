"""Why the lake can't be used just now."""

from __future__ import annotations


class LakeUnavailable(Exception):
    """The lake is missing or can't be read. Nothing was changed. The message is for everybody."""
