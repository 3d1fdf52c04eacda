"""Trusted time in the governance: actions that can't be undone check here first, and the ledger records wrong times.

The time of the newest ledger entry has passed, so a clock that shows less is doubted (`timekeeping`). Requests are
accepted at any time, so entries may come from a clock that was ahead. Once the clock is trusted again, an entry of kind
`clock` says so, and earlier entries with later times are known to be wrong.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from sqlalchemy import select

import clock
import timekeeping
from governance import ledger
from governance.db.database import reading, writing
from governance.domain.moments import parse_moment
from governance.ledger.tables import EntryRow
from timekeeping import ClockDoubted, Doubted, Trusted

logger = logging.getLogger("governance")

WAITS = (
    "The clock of our system can't be trusted just now, so nothing is deleted for good until that is fixed. What "
    "you asked to delete is already hidden."
)
"""For a person whose erasure waits."""

_logged: dict[str, str] = {}


def look() -> Trusted | Doubted:
    """Whether the clock may be trusted for actions that can't be undone."""
    last = _last_recorded()
    verdict = timekeeping.look(last)
    if isinstance(verdict, Trusted) and last is not None and last > clock.now() + timekeeping.TOLERANCE:
        _record_confirmation("worker")
    return verdict


def require() -> None:
    """Raises ClockDoubted."""
    verdict = look()
    if isinstance(verdict, Doubted):
        raise ClockDoubted(timekeeping.in_words(verdict.reason))


def allows(what: str) -> bool:
    """`look`, for a worker's own actions; a doubt is logged once for each action that waits."""
    verdict = look()
    reason = verdict.reason if isinstance(verdict, Doubted) else ""
    if reason and not _logged.get(what):
        logger.error("%s waits. %s", what, timekeeping.in_words(reason))
    _logged[what] = reason
    return not reason


def confirm() -> None:
    """An operator confirms that the clock is right; the ledger records it. Raises OSError."""
    timekeeping.confirm()
    _record_confirmation("operator")


def _record_confirmation(by: str) -> None:
    with writing() as session:
        ledger.append(session, "clock", {"by": by})


def _last_recorded() -> datetime | None:
    """The time of the newest entry whose statement still exists."""
    newest = select(EntryRow.statement).where(EntryRow.statement.is_not(None)).order_by(EntryRow.position.desc())
    with reading() as session:
        statement = session.scalar(newest.limit(1))
    return parse_moment(json.loads(statement)["at"]) if statement else None
