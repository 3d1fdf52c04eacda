"""Archives of many people: one module per format, all with the interface of `lake.archives.items.Archive`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lake.archives.items import Archive

if TYPE_CHECKING:
    ARCHIVES: dict[str, Archive]
    """All of them, by name."""

__all__ = ["ARCHIVES", "Archive"]


def __getattr__(name: str) -> object:
    """Load the formats when they are first asked for: whoever only needs the interface doesn't wait for them."""
    if name == "ARCHIVES":
        return _archives()
    raise AttributeError(name)


@cache
def _archives() -> dict[str, Archive]:
    from lake.archives.jira import Jira
    from lake.archives.slack import Slack
    from lake.archives.xes import Xes

    every: tuple[Archive, ...] = (Jira(), Slack(), Xes())
    return {archive.name: archive for archive in every}
