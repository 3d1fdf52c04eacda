"""Backups during operation: what an erasure says about them, and the regular work on them.

An erasure is reported as done only once its tombstone is in the journal of `OPENBOOK_BACKUP_FOLDER`. It says from when
no backup can bring the captures back: after the last day of the key parts that were made, or started, before. That date
can be promised only for the folder that workers maintain.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from governance.backup import journal
from governance.backup.making import alone_or_not, destroy_old, tidy
from governance.backup.places.configured import configured
from governance.backup.places.place import BackupError, Place
from governance.backup.tables import BackupRow
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.requests import progress
from governance.requests.progress import Postponed
from governance.throttle import Throttle
from home import Part
from languages import mark
from parts import PartUnavailable

logger = logging.getLogger("governance")

ROUND_SECONDS = 60.0
SPARING = 20
"""Updating the journal takes at most this fraction (1/n) of a worker's time."""


def record(*request_ids: UUID) -> None:
    """A step of erasures, safe to repeat: makes sure that no backup can bring anything back. Raises Postponed."""
    place = configured()
    if place is not None:
        try:
            journal.keep(place, request_ids)
        except (BackupError, OSError) as error:
            logger.warning("the backup journal can't be updated: %s", error)
            raise Postponed(
                "This erasure can't be recorded for the backups just now. It counts as done only when no backup can"
                " bring anything back."
            ) from error
    until, words = _what_it_says(place)
    said = {"unreadable_after": until.isoformat() if until else None, "words": words}
    with writing() as session:
        for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).options(lazyload("*"))):
            progress.add(row, backups=said)


def _what_it_says(place: Place | None) -> tuple[date | None, str]:
    with reading() as session:
        rows = list(session.scalars(select(BackupRow).where(BackupRow.destroyed_at.is_(None))))
    elsewhere = [row for row in rows if place is None or row.folder != place.address]
    here = [row.key_part_until for row in rows if row not in elsewhere]
    if elsewhere:
        number = "A backup" if len(elsewhere) == 1 else f"{len(elsewhere):,} backups"
        return None, (
            f"{number} from before, in a place that Open Book does not manage, can bring this back until its keys"
            " are destroyed there. A restore erases it again before anything can be read."
        )
    if here:
        until = max(here) + timedelta(days=1)  # they are there on their last day, and destroyed once it is over
        return until, (
            f"Earlier backups contain this, encrypted. Their keys are destroyed by the end of {until:%-d %B %Y} (UTC);"
            " after that it can't be read from them, unless somebody copied the keys. A restore before then erases it"
            " again before anything can be read."
        )
    if place is None:
        return None, mark(
            "Open Book makes no backups here. Copies that your employer makes of its computers in other ways are not"
            " affected by this and may contain it until they are deleted."
        )
    return None, mark("There is no earlier backup.")


@dataclass
class Maintained:
    """What `maintain` has done in this process: which part it may do again, and the files that it last mirrored."""

    rounds: Throttle = field(default_factory=Throttle)
    mirrored: tuple[int, ...] = ()


maintained = Maintained()


def maintain() -> None:
    """Part of a worker's round: update the journal, and destroy key parts in time. An unreachable place is logged and
    retried after a minute.
    """
    place = configured()
    if place is None or not maintained.rounds.allows("journal"):
        return
    began = time.monotonic()
    try:
        journal.keep(place)
        _mirror(place)
        if maintained.rounds.allows("cleaning"):
            maintained.rounds.pause(ROUND_SECONDS, "cleaning")
            _clean(place)
    except (BackupError, PartUnavailable, OSError) as error:
        logger.warning("backups: %s Retrying in a minute.", error)
        maintained.rounds.pause(ROUND_SECONDS, "journal")
    else:
        maintained.rounds.pause(SPARING * (time.monotonic() - began), "journal")


def keep_state() -> None:
    """Copy the governance state to the journal now, if a place is set. Raises BackupError, PartUnavailable."""
    if (place := configured()) is not None:
        journal.mirror(place)


def _mirror(place: Place) -> None:
    """Update the journal's copy of the state unless nothing has changed since the last time."""
    stamp = journal.stamp_of(Part.GOVERNANCE.path)
    if stamp != maintained.mirrored:
        journal.mirror(place)
        maintained.mirrored = stamp


def _clean(place: Place) -> None:
    with alone_or_not() as alone:
        if alone:
            tidy(place)
            for name in destroy_old(place):
                logger.info("backups: the key part of %s was destroyed", name)
