"""Views of people's data in the employer's other systems, as those report them.

The setting `OPENBOOK_ACCESS_SYSTEMS` lists the systems. A report becomes an entry of the person's access log, marked as
reported: Open Book can't check it, nor that it is everything. A report or a heartbeat shows that a system is there;
after `OPENBOOK_ACCESS_SILENT_HOURS` without one it counts as silent, and people see that.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory import Directory, UnknownEmployee
from errors import NotFound
from governance import schemas
from governance.access_log import NOBODY, Purpose
from governance.db.database import reading, writing
from governance.db.tables import AccessRow, AccessSystemRow
from settings import settings

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
"""How far the clock of another system may be ahead of ours."""
COMPARED = ("subject", "at", "role", "rows", "system", "action", "reason", "ticket", "delay_reason", "disclosed_at")


class UnknownSystem(NotFound):
    """No such system in the setting."""

    def __init__(self, system: str) -> None:
        super().__init__(f"{system} is not in OPENBOOK_ACCESS_SYSTEMS. Nothing was saved.")


def systems() -> dict[str, str]:
    """Each system in the setting, and what it can read."""
    entries = (entry.partition("=") for entry in settings().access_systems.split(";") if entry)
    return {name: reads for name, _, reads in entries}


def row_of(report: schemas.AccessReport, service: str, directory: Directory) -> AccessRow:
    """The entry for a report. Raises ValueError with what is wrong with it."""
    if report.system not in systems():
        raise ValueError(f"{report.system} is not in OPENBOOK_ACCESS_SYSTEMS")
    if report.time > clock.now() + AHEAD:
        raise ValueError("its time is in the future")
    if report.time < EARLIEST:
        raise ValueError("its time can't be right: it is before 2000")
    delay = _allowed(report)
    return AccessRow(
        subject=_subject(report, directory),
        at=clock.naive(report.time),
        role=report.role,
        actor=NOBODY,
        purpose=Purpose.REPORTED,
        what="records",
        rows=report.rows,
        reported_by=service,
        reported_at=clock.now_utc(),
        system=report.system,
        action=report.action,
        reason=report.purpose,
        ticket=report.ticket,
        report=hashlib.sha256(json.dumps([report.system, report.id]).encode()).digest(),
        delay_reason=delay.legal_reason if delay else None,
        disclosed_at=clock.naive(delay.until) if delay else None,
    )


def _allowed(report: schemas.AccessReport) -> schemas.Delay | None:
    """Raises ValueError. The days count from the access, so that reporting late doesn't delay it further."""
    most = settings().disclosure_delay_days
    if report.delay is not None and report.delay.until <= clock.now():
        raise ValueError("its delay has ended already; report it without one")
    if report.delay is not None and report.delay.until > report.time + timedelta(days=most):
        raise ValueError(
            f"its delay ends more than {most} days after the access (OPENBOOK_DISCLOSURE_DELAY_DAYS)"
            if most
            else "OPENBOOK_DISCLOSURE_DELAY_DAYS allows no delay"
        )
    return report.delay


def store(rows: Mapping[int, AccessRow]) -> tuple[int, dict[int, str]]:
    """Save these entries, by their place in what was sent: how many are new, and why some were refused. An entry that
    is already saved is neither.
    """
    refused: dict[int, str] = {}
    new = 0
    with writing() as session:
        for place, row in rows.items():
            known = session.scalar(select(AccessRow).where(AccessRow.report == row.report))
            if known is None:
                session.add(row)
                session.flush()
                new += 1
            elif any(getattr(known, name) != getattr(row, name) for name in COMPARED):
                refused[place] = "an access with this id was already reported, with other contents; that one stays"
        for system in {row.system for row in rows.values() if row.system}:
            _note(session, system)
    return new, refused


def note_heartbeat(system: str) -> schemas.Heard:
    """Raises UnknownSystem."""
    if system not in systems():
        raise UnknownSystem(system)
    with writing() as session:
        return schemas.Heard(system=system, at=_note(session, system).last_heard)


def delay_days() -> int:
    """For how many days at most something may be withheld from anybody: as the setting says now, or as it said when
    what is still withheld was reported.
    """
    now = clock.now_utc()
    with reading() as session:
        withheld = select(AccessRow.at, AccessRow.disclosed_at).where(AccessRow.disclosed_at > now)
        days = [math.ceil((until - at) / timedelta(days=1)) for at, until in session.execute(withheld) if until]
    return max([settings().disclosure_delay_days, *days])


def heard() -> list[schemas.OtherSystem]:
    """The systems in the setting, by name, and whether they report."""
    with reading() as session:
        rows = {row.system: row for row in session.scalars(select(AccessSystemRow))}
    since = clock.now_utc() - timedelta(hours=settings().access_silent_hours)
    found = []
    for system, reads in sorted(systems().items()):
        last = rows[system].last_heard if system in rows else None
        state = "never" if last is None else "reporting" if last >= since else "silent"
        found.append(schemas.OtherSystem(system=system, reads=reads, state=state, last_heard=last))
    return found


def _note(session: Session, system: str) -> AccessSystemRow:
    now = clock.now_utc()
    row = session.get(AccessSystemRow, system)
    if row is None:
        row = AccessSystemRow(system=system, first_heard=now, last_heard=now)
        session.add(row)
    row.last_heard = max(row.last_heard, now)
    return row


def _subject(report: schemas.AccessReport, directory: Directory) -> UUID:
    """Raises ValueError. An address identifies only someone who works here now: addresses pass from one to the next."""
    try:
        if report.email is not None:
            person = directory.by_email(report.email)
            found = person if person.active else None
        elif report.sub is not None:
            found = directory.by_sub(report.sub)
        else:
            found = None if report.subject is None else directory.by_subject(report.subject)
    except UnknownEmployee:
        found = None
    if found is None:
        raise ValueError("identifies nobody in the directory")
    return found.subject
