"""When a request must be answered: a day, which ends at midnight where the person works.

Regulation (EEC, Euratom) 1182/71, which the GDPR's periods follow:

3(1)      the day of receipt is not counted
3(2)(c)   a period in months ends with the day that has the date of the receipt, or with the last day of the month if
          there is no such date; a period in days, with its last day
3(4)      a period that ends on a Saturday, a Sunday or a public holiday ends with the next working day: only if
          `OPENBOOK_NEXT_WORKING_DAY` is set, because it makes deadlines later

California counts its days in the same way, without 3(4).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from law.regimes import regime
from settings import settings

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def due_on(key: str, received_at: datetime, zone: str, *, extended: bool = False) -> date:
    """The last day for the answer. `received_at` is aware; `zone`: the IANA time zone of the person's workplace."""
    rules = regime(key)
    period = rules.extended if extended else rules.deadline
    day = period.after(received_at.astimezone(ZoneInfo(zone)).date())
    if rules.next_working_day and settings().next_working_day:
        while day.weekday() >= SATURDAY or day in settings().holiday_days:
            day += ONE_DAY
    return day


def end_of(day: date, zone: str) -> datetime:
    """The last microsecond of a day in that time zone; aware, UTC."""
    midnight = datetime.combine(day + ONE_DAY, time(), ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
