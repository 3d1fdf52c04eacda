"""Stores each event once. Stored events wait to be folded into the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

import clock
from governance.db.database import writing
from governance.lineage import quotas
from governance.lineage.events import Event
from governance.lineage.tables import LineageEventRow

TOGETHER = 200


def store(events: Sequence[Event], source: str, size: int | None = None) -> int:
    """Store the events that have an effect and are new, all or none; returns how many those were. `source` is who sent
    them; `size`: in how many bytes, None for an MLflow server that we read. Raises QuotaUsed.
    """
    new = {event.key(): event for event in events if event.has_effect}
    keys = list(new)
    with writing() as session:
        for start in range(0, len(keys), TOGETHER):
            some = keys[start : start + TOGETHER]
            for known in session.scalars(select(LineageEventRow.key).where(LineageEventRow.key.in_(some))):
                del new[known]
        if size is None:
            quotas.charge_import(session, source, list(new.values()))
        else:
            quotas.charge(session, source, events, size)
        now: datetime = clock.now_utc()
        session.add_all(LineageEventRow.of(event, source, now) for event in new.values())
    return len(new)
