"""Pauses of a person: nothing recorded in one is stored, whatever the recorder does."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Engine, select

from directory.models import change_of, session_of
from directory.tables.pauses import PauseRow


@dataclass(frozen=True)
class Pause:
    """Times naive UTC; `until_at` is the first moment that is not in it."""

    pause: UUID
    begins_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Pauses:
    """A person's pauses, the earliest first; none overlaps with another."""

    every: tuple[Pause, ...] = ()

    def cover(self, at: datetime) -> bool:
        index = bisect_right(self.every, at, key=lambda pause: pause.begins_at) - 1
        return index >= 0 and at < self.every[index].until_at

    def current(self, now: datetime) -> Pause | None:
        return self.every[-1] if self.every and self.cover(now) else None


def pauses_of(engine: Engine, subject: UUID) -> Pauses:
    mine = select(PauseRow).where(PauseRow.subject == subject).order_by(PauseRow.begins_at)
    with session_of(engine) as session:
        return Pauses(tuple(Pause(row.pause, row.begins_at, row.until_at) for row in session.scalars(mine)))


def pause(engine: Engine, subject: UUID, now: datetime, until: datetime) -> Pause | None:
    """Begin a pause that ends then, or change the end of the one that is in force. `until` may be `now`: that ends it;
    None if there was none.
    """
    current = select(PauseRow).where(PauseRow.subject == subject, PauseRow.until_at > now)
    with change_of(engine) as session:
        row = session.scalar(current.order_by(PauseRow.begins_at.desc()).limit(1))
        if row is None and until <= now:
            return None
        if row is None:
            row = PauseRow(pause=uuid4(), subject=subject, begins_at=now, until_at=until)
            session.add(row)
        row.until_at = until
        return Pause(row.pause, row.begins_at, row.until_at)
