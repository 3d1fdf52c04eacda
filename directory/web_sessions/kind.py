"""What a store of sessions does."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Kept:
    """A session as it was written. `ends_at`: Unix seconds."""

    content: bytes
    ends_at: float


class Store(Protocol):
    """Each method raises OSError or PartUnavailable where the store can't be used; times are Unix seconds."""

    def read(self, reference: str) -> Kept | None:
        """None if there is no such session."""

    def ends_at(self, reference: str) -> float | None:
        """When it ends, or ended; None if there is no such session."""

    def write(self, reference: str, content: bytes, ends_at: float) -> None:
        """Keep it, or replace it: all of it or nothing."""

    def remove(self, reference: str) -> None:
        """Safe to repeat."""

    def of_person(self, person: str) -> list[tuple[str, float]]:
        """The references of a person, each with its end."""

    def remove_ended(self, now: float) -> int:
        """Remove those that have ended; returns how many are left."""

    def turn(self, reference: str, purpose: str, patience: float) -> AbstractContextManager[object]:
        """Whoever has it is alone with this session and purpose, among all dashboards; seconds to wait for it. Raises
        filelock.Timeout; FileNotFoundError where nobody of this name has a session."""
