"""Who stores what waits: in each shard of the lake, one worker at a time.

A body has records of people in several shards. Whoever has the lane of a shard stores the records of its people, of
every body that waits, and `IntakeBatchRow.slots` says of whom some still wait. So what one person sent is stored by one
worker after another, in its order, while others store what other people sent. In a lake that isn't divided, that is
one lane.

A lane is about the people who were in its shard when it was asked for. Where people are moved meanwhile, two workers
may come to have records of the same people. Then the lake has each once all the same, by its id, and who notes first
what became of them counts (`governance.intake.storing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

import clock
from databases.locks import Held
from governance.db.database import lock, reading
from governance.intake.tables import WAITING, IntakeBatchRow
from lake.storage.shards import FIRST, SLOTS, placing
from queries.connection import answering
from settings import settings

AT_ONCE = 50_000
BYTES_AT_ONCE = 16_000_000
"""Of landing files: pictures are many bytes, and each takes seconds."""
BODIES_AT_ONCE = 500
ENOUGH = 20_000
"""So many waiting records are stored at once, however short they have waited."""

failing: set[UUID] = set()
"""Bodies that this process could not store, because of a defect."""


@dataclass(frozen=True)
class Lane:
    """The people of one shard."""

    shard: int
    slots: frozenset[int]

    def held(self, seconds: float) -> AbstractContextManager[Held]:
        """In the block, no other worker stores in this lane. Waits so long; raises filelock.Timeout."""
        name = "intake-pass" if self.shard == FIRST else f"intake-pass-{self.shard}"  # the first as in earlier versions
        return lock(name, timeout=seconds)

    def waiting(self, until: datetime | None = None) -> list[IntakeBatchRow]:
        """The oldest bodies that have something for it, as many as are stored at once."""
        found: list[IntakeBatchRow] = []
        records = size = 0
        with self._waiting(until) as bodies:
            for body in bodies:
                records, size = records + body.landed, size + body.size
                if found and (records > AT_ONCE or size > BYTES_AT_ONCE or len(found) == BODIES_AT_ONCE):
                    break
                found.append(body)
        return found

    def is_due(self) -> bool:
        """Whether something has waited for long enough, or a lot waits."""
        records = 0
        with self._waiting() as bodies:
            for body in bodies:
                records += body.landed
                waited = abs(clock.now_utc() - body.received_at)
                if waited >= timedelta(seconds=settings().intake_seconds) or records >= ENOUGH:
                    return True
        return False

    @contextmanager
    def _waiting(self, until: datetime | None = None) -> Iterator[Iterator[IntakeBatchRow]]:
        """Oldest first, read as they are used."""
        waiting = select(IntakeBatchRow).where(IntakeBatchRow.state == WAITING, IntakeBatchRow.id.not_in(failing))
        if until is not None:
            waiting = waiting.where(IntakeBatchRow.received_at <= until)
        oldest = waiting.order_by(IntakeBatchRow.received_at, IntakeBatchRow.id)
        with reading() as session:
            bodies = session.scalars(oldest, execution_options={"yield_per": BODIES_AT_ONCE})
            try:
                yield (body for body in bodies if self.slots & slots_of(body))
            finally:
                bodies.close()  # a cursor of PostgreSQL


def lanes() -> list[Lane]:
    """One for each shard that has people. Raises LakeUnavailable."""
    now = answering(placing.read)
    return [
        Lane(shard, frozenset(slot for slot, at in enumerate(now.slots) if at == shard))
        for shard in sorted(set(now.slots))
    ]


def slots_of(body: IntakeBatchRow) -> set[int]:
    """Of the people of whom something may wait."""
    return set(range(SLOTS) if body.slots is None else body.slots)
