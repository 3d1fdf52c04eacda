"""Pauses of a person: nothing recorded in one is stored, whatever the recorder does.

A pause has a begin and an end. Set hours come again, on days of the week, by the local time of the zone that they were
set in: from the moment that they were set until the person sets others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, select

import clock
from databases.by_person import count_by_person
from directory.models import change_of, session_of
from directory.tables.pauses import PauseHoursRow, PauseRow

HOUR = 60
FULL_DAY = 24 * HOUR
DAY = timedelta(days=1)
LONGEST_CHAIN = 1_000


@dataclass(frozen=True)
class Pause:
    """Times naive UTC; `until_at` is the first moment that is not in it."""

    pause: UUID
    begins_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class WeeklyHours:
    """Days of the week (1: Monday … 7: Sunday), and minutes of the local day; `ends` is the first that is not in it."""

    days: tuple[int, ...]
    begins: int
    ends: int
    zone: str

    def local(self, at: datetime) -> datetime | None:
        """The local time of a moment (naive UTC) that is in them; None if it isn't."""
        local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone))
        in_time = self.begins <= local.hour * HOUR + local.minute < self.ends
        return local if in_time and local.isoweekday() in self.days else None


@dataclass(frozen=True)
class SetHours(WeeklyHours):
    """In force from `since` until `until` (naive UTC); None: it has no end."""

    hours: UUID
    since: datetime
    until: datetime | None

    def span(self, at: datetime) -> Pause | None:
        """The hours of the day that cover a moment; None if they don't."""
        if at < self.since or (self.until is not None and at >= self.until):
            return None
        if (local := self.local(at)) is None:
            return None
        zone = ZoneInfo(self.zone)
        begins_at, until_at = min(_moments(local, self.begins, zone)), max(_moments(local, self.ends, zone))
        return Pause(self.hours, max(begins_at, self.since), min(until_at, self.until or until_at))


@dataclass(frozen=True)
class Pauses:
    """A person's pauses, the earliest first; none overlaps with another. `set_hours`: also those that have ended."""

    every: tuple[Pause, ...] = ()
    set_hours: tuple[SetHours, ...] = ()

    @property
    def number(self) -> int:
        """How many are known, with set hours."""
        return len(self.every) + len(self.set_hours)

    def cover(self, at: datetime) -> bool:
        return self.single(at) is not None or any(each.span(at) for each in self.set_hours)

    def single(self, at: datetime) -> Pause | None:
        """The pause that covers a moment, set hours aside."""
        index = bisect_right(self.every, at, key=lambda pause: pause.begins_at) - 1
        return self.every[index] if index >= 0 and at < self.every[index].until_at else None

    def current(self, now: datetime) -> Pause | None:
        """What is in force: of all that follow one another without a gap, the end of the last."""
        found = self._span(now)
        for _ in range(LONGEST_CHAIN):
            if found is None or (more := self._span(found.until_at)) is None:
                break
            found = Pause(found.pause, found.begins_at, more.until_at)
        return found

    def in_force(self, now: datetime) -> tuple[SetHours, ...]:
        return tuple(each for each in self.set_hours if each.until is None or now < each.until)

    def _span(self, at: datetime) -> Pause | None:
        spans = [span for span in (self.single(at), *(each.span(at) for each in self.set_hours)) if span is not None]
        if not spans:
            return None
        first = min(spans, key=lambda span: span.begins_at)
        return Pause(first.pause, first.begins_at, max(span.until_at for span in spans))


def pauses_of(engine: Engine, subject: UUID) -> Pauses:
    mine = select(PauseRow).where(PauseRow.subject == subject).order_by(PauseRow.begins_at)
    with session_of(engine) as session:
        every = tuple(Pause(row.pause, row.begins_at, row.until_at) for row in session.scalars(mine))
        return Pauses(every, tuple(_set_hours(row) for row in session.scalars(_hours_of(subject))))


def count_of(engine: Engine, subjects: Collection[UUID]) -> Counter[UUID]:
    """`Pauses.number` of several people."""
    with session_of(engine) as session:
        single = count_by_person(session, PauseRow.subject, subjects)
        return single + count_by_person(session, PauseHoursRow.subject, subjects)


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


def set_hours(engine: Engine, subject: UUID, wanted: Sequence[WeeklyHours], now: datetime) -> list[SetHours]:
    """Have exactly these from now on; returns what was ended or begun. Safe to repeat."""
    changed = []
    with change_of(engine) as session:
        missing = list(dict.fromkeys(wanted))
        for row in session.scalars(_hours_of(subject).where(PauseHoursRow.until.is_(None))):
            known = _set_hours(row)
            same = WeeklyHours(known.days, known.begins, known.ends, known.zone)
            if same in missing:
                missing.remove(same)
            else:
                row.until = now
                changed.append(_set_hours(row))
        for each in missing:
            row = PauseHoursRow(
                hours=uuid4(),
                subject=subject,
                days="".join(map(str, each.days)),
                begins=each.begins,
                ends=each.ends,
                zone=each.zone,
                since=now,
                until=None,
            )
            session.add(row)
            changed.append(_set_hours(row))
    return changed


def with_set_hours(engine: Engine) -> list[UUID]:
    """Who has set hours that are in force."""
    found = select(PauseHoursRow.subject).where(PauseHoursRow.until.is_(None)).distinct()
    with session_of(engine) as session:
        return list(session.scalars(found))


def _hours_of(subject: UUID) -> Select[PauseHoursRow]:
    mine = select(PauseHoursRow).where(PauseHoursRow.subject == subject)
    return mine.order_by(PauseHoursRow.since, PauseHoursRow.begins, PauseHoursRow.hours)


def _set_hours(row: PauseHoursRow) -> SetHours:
    days = tuple(map(int, row.days))
    return SetHours(days, row.begins, row.ends, row.zone, row.hours, row.since, row.until)


def _moments(local: datetime, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """A minute of that local day as naive UTC: two moments if clocks change then."""
    day, minutes = (local.date() + DAY, 0) if minutes == FULL_DAY else (local.date(), minutes)
    at = datetime.combine(day, time(*divmod(minutes, HOUR)), zone)
    return [clock.naive(at.replace(fold=fold)) for fold in (0, 1)]
