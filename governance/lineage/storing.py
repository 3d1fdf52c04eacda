"""Stores each event once, a heartbeat with its earliest time. Stored events wait to be folded into the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

import clock
from governance.db.database import writing
from governance.lineage import quotas
from governance.lineage.events import Event, once
from governance.lineage.tables import LineageEventRow

TOGETHER = 200


def store(events: Sequence[Event], source: str, size: int | None = None) -> int:
    """Store the events that have an effect and are new, or heartbeats earlier than the one that is known, all or none;
    returns how many those were. `source` is who sent them; `size`: in how many bytes, None for an MLflow server that we
    read. Raises QuotaUsed.
    """
    new = once(event for event in events if event.has_effect)
    keys = list(new)
    earlier = 0
    with writing() as session:
        for start in range(0, len(keys), TOGETHER):
            some = keys[start : start + TOGETHER]
            for known in session.scalars(select(LineageEventRow).where(LineageEventRow.key.in_(some))):
                earlier += known.move_to(new.pop(known.key).at)
        if size is None:
            quotas.charge_import(session, source, list(new.values()))
        else:
            quotas.charge(session, source, events, size)
        now: datetime = clock.now_utc()
        session.add_all(LineageEventRow.of(event, source, now) for event in new.values())
    return len(new) + earlier
