"""Before the first capture there is no lake. That is no error: what is held about anybody is nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lake.connection import catalog_path, writer

Answer = TypeVar("Answer")


def lake_exists() -> bool:
    return catalog_path().exists()


def unless_empty(ask: Callable[[], Answer], nothing: Answer) -> Answer:
    """What `ask` gives, or `nothing` where there is no lake yet."""
    return ask() if lake_exists() else nothing


def ensure_lake() -> None:
    """Make the lake where there is none yet, for those who change it."""
    if not lake_exists():
        with writer():
            pass
