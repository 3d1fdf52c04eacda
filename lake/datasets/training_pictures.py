"""The pictures of a training export: of records whose policy permits it, if people had been told then.

Each is painted over once more, so that it shows no names of the directory (`lake.pictures.for_training`). That takes
seconds, so pages end after a few of them: the rules are checked again for the next ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.sealing import Sealer, Unreadable
from lake.pictures.for_training import Painter
from lake.rules.notices import Told, read_notices
from lake.rules.policies import Policy, read_policies
from lake.storage.objects import pictures
from parts import PartUnavailable

AT_ONCE = 8
_painter = Painter()


@dataclass
class Pictures:
    """What may be given, and how many were. `names`: of everyone in the directory."""

    names: Collection[str]
    given: int = 0
    left_out: int = 0
    _told: Told = field(default_factory=lambda: Told([]))
    _policies: dict[str, Policy] = field(default_factory=dict)

    def read_rules(self, connection: DuckDBPyConnection) -> None:
        """Look at today's policies again. Works on a reader."""
        self._told = Told(read_notices(connection))
        self._policies = {policy.policy: policy for policy in read_policies(connection)}

    def page(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """How many of these rows, with their policy last, make a page."""
        found = 0
        for number, row in enumerate(rows, start=1):
            found += self._permitted(row)
            if found == AT_ONCE:
                return number
        return len(rows)

    def of(self, row: tuple[Any, ...], sealer: Sealer | None) -> bytes | None:
        """The picture of a row as WebP; None if it has none, or none that may be given."""
        capture_id: UUID = row[0]
        if not has_picture(row):
            return None
        picture = None
        if sealer is not None and self._permitted(row):
            picture = self._painted(capture_id, sealer)
        self.given += picture is not None
        self.left_out += picture is None
        return picture

    def _painted(self, capture_id: UUID, sealer: Sealer) -> bytes | None:
        try:
            return _painter.painted(sealer.open_picture(capture_id, pictures.read(capture_id)), self.names)
        except (OSError, PartUnavailable, Unreadable):
            return None

    def _permitted(self, row: tuple[Any, ...]) -> bool:
        captured_at: datetime = row[1]
        policy = self._policies.get(row[-1])
        return has_picture(row) and policy is not None and self._told.permits(policy, captured_at, "training_pictures")


def has_picture(row: tuple[Any, ...]) -> bool:
    _, _, signal, _, x, y, *_ = row
    return signal == "screenshot" and x is not None and y is not None
