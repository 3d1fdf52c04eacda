"""A lock that ends with its holder, by whatever means."""

from __future__ import annotations

from typing import Protocol


class Lock(Protocol):
    def take(self, *, shared: bool) -> bool:
        """Take it without waiting; False if others have it."""

    def close(self) -> None:
        """Give it back."""
