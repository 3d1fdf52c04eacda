"""Pauses that a person sets, as far as the employer's settings allow.

A pause is in the directory database, where ingestion reads it, and then in the ledger. If the ledger can't be written,
the person is told so; the pause is in force all the same, and setting it again completes it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import clock
from directory import Directory, Employee
from errors import Forbidden, NotValid
from governance import ledger, schemas
from governance.db.database import writing
from governance.domain.moments import format_moment, parse_moment
from governance.recording import set_hours, working_hours
from governance.schemas.problem import TooManyRequests
from languages import mark
from languages.saying import say, say_n
from settings import settings

MOST_A_DAY = 50
SHOWN = 50
DAY = timedelta(days=1)


class PausesNotAllowed(Forbidden):
    """The setting says so."""

    def __init__(self) -> None:
        super().__init__("Your employer's settings don't allow pauses. Nothing was changed.")


def start(person: Employee, wanted: schemas.NewPause) -> schemas.Recording:
    """Raises PausesNotAllowed, NotValid, TooManyRequests."""
    hours = settings().pause_hours
    if not hours:
        raise PausesNotAllowed
    now = clock.now_utc()
    until = _tomorrow(person) if wanted.minutes is None else now + timedelta(minutes=wanted.minutes)
    with Directory.open() as directory:
        known = directory.pauses_of(person.subject)
        current = known.single(now)
        begins_at = current.begins_at if current else now
        if until - begins_at > timedelta(hours=hours):
            raise NotValid(
                mark("No pause was set or changed."),
                "minutes",
                say_n(
                    "ends more than {n} hour after the pause began",
                    "ends more than {n} hours after the pause began",
                    hours,
                ),
            )
        if current is None and sum(each.begins_at > now - DAY for each in known.every) >= MOST_A_DAY:
            raise TooManyRequests(
                say("You paused {most_a_day} times in a day. Nothing was changed.", most_a_day=MOST_A_DAY), 3600
            )
        changed = directory.pause(person.subject, now, until)
    assert changed is not None
    _record(person.subject, str(changed.pause), changed.begins_at, changed.until_at)
    return state_of(person)


def end(person: Employee) -> schemas.Recording:
    """Nothing happens if there is no pause."""
    now = clock.now_utc()
    with Directory.open() as directory:
        changed = directory.pause(person.subject, now, now)
    if changed is not None:
        _record(person.subject, str(changed.pause), changed.begins_at, changed.until_at)
    return state_of(person)


def state_of(person: Employee) -> schemas.Recording:
    with Directory.open() as directory:
        pauses = directory.pauses_of(person.subject)
    now = clock.now_utc()
    current, in_force = pauses.current(now), pauses.in_force(now)
    ended = [each.until for each in pauses.set_hours if each.until is not None and not in_force]
    return schemas.Recording(
        paused_until=current.until_at if current else None,
        longest_pause_hours=settings().pause_hours,
        in_set_hours=any(each.span(now) for each in in_force),
        set_hours=[set_hours.shown(each) for each in in_force],
        set_hours_ended_at=max(ended, default=None),
        most_set_hours_a_day=settings().pause_set_hours,
        pauses=[schemas.Pause.model_validate(each) for each in pauses.every[: -SHOWN - 1 : -1]],
        working_hours=working_hours.shown(),
    )


def _tomorrow(person: Employee) -> datetime:
    """The next midnight in their zone, as naive UTC."""
    zone = ZoneInfo(person.zone)
    local = clock.now().astimezone(zone)
    return clock.naive(datetime.combine(local.date() + DAY, time(), zone))


def _record(subject: UUID, pause: str, begins_at: datetime, until_at: datetime) -> None:
    times = {"from": format_moment(parse_moment(begins_at)), "until": format_moment(parse_moment(until_at))}
    with writing() as session:
        ledger.append(session, "pause", {"pause": pause, **times}, whose=subject)
