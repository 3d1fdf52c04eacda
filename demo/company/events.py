"""Events of one person as arrays of equal length, before it is decided which may be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lake.rules.scope import SIGNALS


@dataclass(frozen=True)
class Events:
    """Events of one person. Applications are indices into the person's list of them."""

    at: NDArray[np.float64]
    """Seconds since 1970, UTC."""
    signal: NDArray[np.int64]
    """Index into `SIGNALS`."""
    application: NDArray[np.int64]
    session: NDArray[np.int64]
    entry: NDArray[np.int64]
    """Index into the library; -1: no content."""
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    """Pixels; -1: not on the screen."""

    @classmethod
    def of(
        cls,
        signal: str,
        at: NDArray[np.float64],
        application: NDArray[np.int64],
        session: NDArray[np.int64],
        entry: NDArray[np.int64] | None = None,
        x: NDArray[np.int32] | None = None,
        y: NDArray[np.int32] | None = None,
    ) -> Self:
        """Events of one signal."""
        missing = np.full(len(at), -1, np.int32)
        return cls(
            at=at,
            signal=np.full(len(at), SIGNALS.index(signal)),
            application=application,
            session=session,
            entry=missing.astype(np.int64) if entry is None else entry,
            x=missing if x is None else x,
            y=missing if y is None else y,
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, chosen: NDArray[Any]) -> Self:
        """The events at these indices, or where this mask is true."""
        return type(self)(*(getattr(self, field.name)[chosen] for field in fields(self)))
