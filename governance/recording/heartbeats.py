"""Which recorders run: each says so itself, again and again, for one person and one device.

A recorder is known by the person, the service token's name and the device, so no other token can speak for it. What is
shown is what it said last; `SILENT_AFTER` later, only that it has been silent since. One that is not heard of for
`KEPT` is forgotten, and an erasure of everything forgets those of the person at once.

    recording                 it says so
    recording_before_pause    it said so before the pause that is in force, or too soon after to have known of it
    recording_despite_pause   it says so although it must know of the pause; ingestion refuses what it sends
    paused, stopped           it says so
    silent                    it has not said that it stopped, and nothing since

It also says whose device it is (`uses_of`): records that name a device are those of the person for whom the same token
reported it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import clock
from databases.by_person import count_by_person
from directory import Directory, Employee, UnknownEmployee
from directory.pausing import Pause
from errors import Conflict, Forbidden, NotFound
from governance import schemas
from governance.db.database import reading, writing
from governance.recording.control import POLL_SECONDS
from governance.recording.tables import RecorderRow
from governance.schemas.problem import TooManyRequests
from governance.schemas.recording import RecorderState, SaidState
from lake.archives import ARCHIVES
from lake.rules.scope import CLOCK_TOLERANCE
from languages import mark
from queries import Own

KEPT = timedelta(days=30)
MOST_DEVICES = 20
POLL = timedelta(seconds=POLL_SECONDS)
SILENT_AFTER = 5 * POLL
AGAIN_AFTER = timedelta(seconds=10)
NOT_REPORTED = mark("This token reported no such device. Report it for a person first, by a heartbeat.")
ARRIVED_WITHIN = timedelta(days=7)
"""Records that came earlier don't say that there is a recorder."""


@dataclass(frozen=True)
class Use:
    """From when to when a recorder reported a device for a person."""

    subject: UUID
    first: datetime
    last: datetime

    def covers(self, at: datetime) -> bool:
        return self.first - CLOCK_TOLERANCE <= at <= self.last + SILENT_AFTER


class NotItsPerson(Forbidden):
    """The namespaces of the token don't have the person."""

    def __init__(self, service: str) -> None:
        super().__init__(
            f"The service token of {service} may not report for this person: its namespaces don't have this `sub` or "
            "`email`. Nothing was saved."
        )


class TooManyDevices(Conflict):
    """A person has `MOST_DEVICES` already."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_DEVICES} recorders report for this person already. One that is not heard of for {KEPT.days} days "
            "is forgotten. Nothing was saved."
        )


def report(person: Employee, service: str, said: schemas.NewRecorderHeartbeat) -> schemas.RecorderHeartbeat:
    """Note what a recorder says. Raises TooManyDevices, TooManyRequests, Conflict if it isn't certain who it is."""
    now = clock.now_utc()
    with Directory.open() as directory:
        if directory.is_about(person.subject):
            raise Conflict(mark("It isn't certain who this person is. Nothing was saved."))
    with writing() as session:
        row = session.get(RecorderRow, (person.subject, service, said.device))
        if row is None:
            if count_of(session, [person.subject])[person.subject] >= MOST_DEVICES:
                raise TooManyDevices
            row = RecorderRow(subject=person.subject, service=service, device=said.device, first_heard_at=now)
            session.add(row)
        elif row.state == said.state and timedelta(0) <= now - row.heard_at < AGAIN_AFTER:
            raise TooManyRequests(mark("This recorder has just said so. Nothing was changed."), AGAIN_AFTER.seconds)
        row.state, row.version, row.source, row.heard_at = said.state, said.version, said.source, now
    return schemas.RecorderHeartbeat(heard_at=now, report_again_seconds=POLL_SECONDS)


def recorders_of(own: Own) -> schemas.Recorders:
    """Raises LakeUnavailable."""
    recorders = reported_by(own.employee.subject)
    known = {each.source for each in recorders}
    since = clock.now_utc() - ARRIVED_WITHIN
    arrived: dict[str, datetime] = {}
    for source, at in own.sources():
        name = source.partition("/")[0]
        if at >= since and name not in known and name not in ARCHIVES:
            arrived[name] = max(at, arrived.get(name, at))
    silent = [schemas.UnreportedSource(source=name, last_stored_at=at) for name, at in sorted(arrived.items())]
    return schemas.Recorders(recorders=recorders, unreported=silent, silent_after_seconds=SILENT_AFTER.seconds)


def reported_by(subject: UUID) -> list[schemas.Recorder]:
    """What recorders said for this person, the last heard of first."""
    now = clock.now_utc()
    mine = select(RecorderRow).where(RecorderRow.subject == subject)
    with reading() as session:
        rows = list(
            session.scalars(mine.order_by(RecorderRow.heard_at.desc(), RecorderRow.service, RecorderRow.device))
        )
    with Directory.open() as directory:
        pause = directory.pauses_of(subject).current(now)
    return [
        schemas.Recorder(
            service=row.service,
            device=row.device,
            version=row.version,
            source=row.source,
            said=SaidState(row.state),
            state=_state(row, pause, now),
            first_heard_at=row.first_heard_at,
            heard_at=row.heard_at,
        )
        for row in rows
    ]


def person_at(service: str, device: str) -> Employee:
    """Who uses a device now: the person for whom this token reported it last. Raises NotFound, and Conflict if it
    reported it for somebody else as well, within the time in which a recorder isn't silent."""
    uses = sorted(uses_of(service, [device])[device], key=lambda use: use.last, reverse=True)
    if not uses:
        raise NotFound(NOT_REPORTED)
    if any(use.last + SILENT_AFTER >= uses[0].last for use in uses[1:]):
        raise Conflict(mark("This device was reported for more than one person just now. Name the person."))
    with Directory.open() as directory:
        try:
            return directory.by_subject(uses[0].subject)
        except UnknownEmployee:
            raise NotFound(NOT_REPORTED) from None


def uses_of(service: str, devices: Collection[str]) -> dict[str, list[Use]]:
    """Of each device, as one service token reported it, in the last `KEPT`; empty for a device that it didn't."""
    of_devices = RecorderRow.service == service, RecorderRow.device.in_(devices)
    uses: dict[str, list[Use]] = {device: [] for device in devices}
    with reading() as session:
        for row in session.scalars(select(RecorderRow).where(*of_devices)):
            uses[row.device].append(Use(row.subject, row.first_heard_at, row.heard_at))
    return uses


def count_of(session: Session, people: Collection[UUID]) -> Counter[UUID]:
    return count_by_person(session, RecorderRow.subject, people)


def count_by_state() -> Counter[str]:
    """Of all people: what recorders said that aren't silent, and how many are."""
    now = clock.now_utc()
    with reading() as session:
        rows = session.execute(select(RecorderRow.state, RecorderRow.heard_at)).all()
    return Counter(RecorderState.SILENT if _silent(state, at, now) else state for state, at in rows)


def forget(*subjects: UUID) -> None:
    """All of these people's. Safe to repeat."""
    with writing() as session:
        session.execute(delete(RecorderRow).where(RecorderRow.subject.in_(subjects)))


def forget_old() -> None:
    old = RecorderRow.heard_at <= clock.now_utc() - KEPT
    with reading() as session:
        found = session.scalar(select(func.count()).where(old))
    if found:
        with writing() as session:
            session.execute(delete(RecorderRow).where(old))


def _state(row: RecorderRow, pause: Pause | None, now: datetime) -> RecorderState:
    if _silent(row.state, row.heard_at, now):
        return RecorderState.SILENT
    if row.state != SaidState.RECORDING or pause is None:
        return RecorderState(row.state)
    if row.heard_at < pause.begins_at + POLL:
        return RecorderState.BEFORE_PAUSE
    return RecorderState.DESPITE_PAUSE


def _silent(state: str, heard_at: datetime, now: datetime) -> bool:
    return state != SaidState.STOPPED and now - heard_at > SILENT_AFTER
