"""The person's time zone: how the pages of an export show times, in the language of the block `speaking`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import clock
from languages.saying import current, t

_STEP = timedelta(minutes=15)
"""A zone changes only at a quarter of an hour of UTC."""


class Local:
    """Times of one zone. Naive times that come in are UTC."""

    def __init__(self, zone: str) -> None:
        """`zone`: an IANA name."""
        self.info = ZoneInfo(zone)
        self._from = self._until = datetime.min  # noqa: DTZ901 (the lake's times are naive UTC)
        self._ahead = timedelta()

    @property
    def label(self) -> str:
        """`UTC`, or `Europe/Berlin time`."""
        return "UTC" if self.info.key == "UTC" else t("{zone} time", zone=self.info.key)

    def time(self, moment: datetime) -> datetime:
        """A time (naive UTC, or aware) as naive local time."""
        moment = clock.naive(moment)
        if not self._from <= moment < self._until:
            self._from = moment - timedelta(
                minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
            )
            self._until = self._from + _STEP
            offset = self._from.replace(tzinfo=UTC).astimezone(self.info).utcoffset()
            assert offset is not None
            self._ahead = offset
        return moment + self._ahead

    def day(self, day: date | str) -> str:
        """`3 May 2026`, of a day, a time, or a time as JSON."""
        moment = datetime.fromisoformat(day) if isinstance(day, str) else day
        return current().day(self.time(moment) if isinstance(moment, datetime) else moment)

    def moment(self, moment: datetime) -> str:
        """`3 May 2026, 14:05 UTC`."""
        local = self.time(moment)
        return t("{day}, {time} {zone}", day=local.date(), time=f"{local:%H:%M}", zone=self.label)
