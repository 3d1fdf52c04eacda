"""Time in the governance: what can't be undone asks here first, and the ledger tells when its times were wrong.

What the ledger last told has passed; so a clock that shows less is doubted (`timekeeping`). Requests are taken at
any time: entries may come from a clock that was ahead. Once the clock is trusted again, an entry of kind `clock`
says so, and the times before it that are later than its own are known to be wrong.
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
    "The clock of our system can't be trusted just now, so nothing is deleted for good until that is set right. What "
    "you asked to delete is hidden already."
)
"""For the person whose erasure waits."""

_logged: dict[str, str] = {}


def look() -> Trusted | Doubted:
    """Whether the clock may be trusted with what can't be undone."""
    told = _last_told()
    verdict = timekeeping.look(told)
    if isinstance(verdict, Trusted) and told is not None and told > clock.now() + timekeeping.TOLERANCE:
        _tell_that_it_is_right("worker")
    return verdict


def require() -> None:
    """Raises ClockDoubted."""
    verdict = look()
    if isinstance(verdict, Doubted):
        raise ClockDoubted(timekeeping.in_words(verdict.reason))


def allows(what: str) -> bool:
    """`look`, for what a worker does by itself; a doubt is logged once for each thing that waits."""
    verdict = look()
    reason = verdict.reason if isinstance(verdict, Doubted) else ""
    if reason and not _logged.get(what):
        logger.error("%s waits. %s", what, timekeeping.in_words(reason))
    _logged[what] = reason
    return not reason


def confirm() -> None:
    """An operator says that the clock is right; the ledger tells of it. Raises OSError."""
    timekeeping.confirm()
    _tell_that_it_is_right("operator")


def _tell_that_it_is_right(by: str) -> None:
    with writing() as session:
        ledger.append(session, "clock", {"by": by})


def _last_told() -> datetime | None:
    """When the newest entry was made whose statement is still there."""
    newest = select(EntryRow.statement).where(EntryRow.statement.is_not(None)).order_by(EntryRow.position.desc())
    with reading() as session:
        statement = session.scalar(newest.limit(1))
    return parse_moment(json.loads(statement)["at"]) if statement else None
