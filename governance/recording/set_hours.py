"""Pauses in hours that a person sets once, and that come again every week; as far as the employer's settings allow.

They are in the directory database and then in the ledger, as other pauses are. What the settings no longer allow a
worker ends: what is dated before that stays refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import get_args
from uuid import UUID

import clock
from directory import Directory, Employee
from directory.pausing import HOUR, SetHours, WeeklyHours
from errors import Forbidden, NotValid
from governance import ledger, schemas
from governance.db.database import writing
from governance.domain.moments import format_moment, parse_moment
from governance.schemas.problem import TooManyRequests
from governance.schemas.recording import Weekday
from governance.throttle import Throttle
from languages import mark
from languages.saying import say, say_n
from settings import settings

MOST_A_DAY = 20
ROUND_SECONDS = 30.0
DAY = timedelta(days=1)
WEEK: tuple[Weekday, ...] = get_args(Weekday)
DAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
UNCHANGED = mark("No set hours were changed.")

_rounds = Throttle()


class SetHoursNotAllowed(Forbidden):
    """The setting says so."""

    def __init__(self) -> None:
        super().__init__("Your employer's settings don't allow pauses in set hours. Nothing was changed.")


def change(person: Employee, wanted: schemas.NewPauseHours) -> None:
    """Have these from now on. Raises SetHoursNotAllowed, NotValid, TooManyRequests."""
    if wanted.hours and not settings().pause_set_hours:
        raise SetHoursNotAllowed
    hours = [_read(each, person.zone) for each in wanted.hours]
    _check(hours)
    now = clock.now_utc()
    with Directory.open() as directory:
        known = directory.pauses_of(person.subject).set_hours
        changes = len({each.since for each in known if each.since > now - DAY})
        if hours and changes >= MOST_A_DAY and not _same(hours, known):
            raise TooManyRequests(
                say("You set hours {most_a_day} times in a day. Nothing was changed.", most_a_day=MOST_A_DAY), 3600
            )
        changed = directory.set_pause_hours(person.subject, hours, now)
    _record(person.subject, changed)


def shown(hours: SetHours) -> schemas.SetHours:
    return schemas.SetHours(
        hours=hours.hours,
        days=[WEEK[day - 1] for day in hours.days],
        begins=clock_time(hours.begins),
        ends=clock_time(hours.ends),
        zone=hours.zone,
        since=hours.since,
        until=hours.until,
    )


def clock_time(minutes: int) -> str:
    """Minutes of a day as `HH:MM`."""
    hour, minute = divmod(minutes, HOUR)
    return f"{hour:02}:{minute:02}"


def end_disallowed_periodically() -> None:
    """Part of a worker's round; checks every half minute."""
    if _rounds.allows():
        end_disallowed()
        _rounds.pause(ROUND_SECONDS)


def end_disallowed() -> int:
    """End the set hours of everybody who has more of them than the settings allow; returns of how many people."""
    now, ended = clock.now_utc(), 0
    with Directory.open() as directory:
        for subject in directory.with_pause_hours():
            if max(_minutes(directory.pauses_of(subject).in_force(now)).values(), default=0) > _most():
                _record(subject, directory.set_pause_hours(subject, [], now))
                ended += 1
    return ended


def _check(hours: Sequence[WeeklyHours]) -> None:
    """Raises NotValid."""
    for index, each in enumerate(hours):
        if each.ends <= each.begins:
            raise NotValid(UNCHANGED, f"hours.{index}.ends", mark("is not after it begins"))
    for day in range(1, len(WEEK) + 1):
        of_day = sorted((each.begins, each.ends) for each in hours if day in each.days)
        if any(later[0] < earlier[1] for earlier, later in pairwise(of_day)):
            raise NotValid(UNCHANGED, "hours", say("overlap on {day}", day=say(DAYS[day - 1])))
    if max(_minutes(hours).values(), default=0) > _most():
        most = settings().pause_set_hours
        words = say_n(
            "are more than {n} hour of a day, the most that your employer's settings allow",
            "are more than {n} hours of a day, the most that your employer's settings allow",
            most,
        )
        raise NotValid(UNCHANGED, "hours", words)


def _minutes(hours: Iterable[WeeklyHours]) -> Counter[int]:
    """By day of the week."""
    found: Counter[int] = Counter()
    for each in hours:
        found.update(dict.fromkeys(each.days, each.ends - each.begins))
    return found


def _most() -> int:
    return settings().pause_set_hours * HOUR


def _read(hours: schemas.PauseHours, zone: str) -> WeeklyHours:
    days = tuple(sorted({WEEK.index(day) + 1 for day in hours.days}))
    return WeeklyHours(days, _minute(hours.begins), _minute(hours.ends), zone)


def _minute(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return hour * HOUR + minute


def _same(hours: Sequence[WeeklyHours], known: Sequence[SetHours]) -> bool:
    in_force = {WeeklyHours(each.days, each.begins, each.ends, each.zone) for each in known if each.until is None}
    return set(hours) == in_force


def _record(subject: UUID, changed: Sequence[SetHours]) -> None:
    with writing() as session:
        for each in changed:
            said = shown(each).model_dump(mode="json")
            said["since"] = format_moment(parse_moment(each.since))
            said["until"] = format_moment(parse_moment(each.until)) if each.until else None
            ledger.append(session, "pause_hours", said, whose=subject)
