"""Why the state of a home was not moved."""

from __future__ import annotations

from errors import Conflict


class NotMoved(Conflict):
    """The state can't be moved now. Nothing was changed."""
