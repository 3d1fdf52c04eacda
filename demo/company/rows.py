"""Turns events into rows of the lake: finds the policy that covers them, encrypts them, and adds keys.

It leaves out what no policy allows and what earlier sweeps would have removed by now. Only the ended pilot
is complete, for the sweep that the demo runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.company.activity import Worker
from demo.company.events import Events
from demo.company.library import Library
from demo.company.policies import PILOT
from directory.sealing import Sealer
from lake.rules.policies import Policy, policy_for
from lake.rules.scope import SIGNALS
from lake.storage.store import ARROW_SCHEMA, Batch

SOURCES = ("desktop-agent 2.3", "chat-archive 1.1", "ticket-archive 1.0")
SOURCE_OF = np.array([{"message": 1, "ticket": 2}.get(signal, 0) for signal in SIGNALS])
EPOCH = date(1970, 1, 1)


class Terms:
    """The policy under which an event of a day may be stored now; caches earlier answers."""

    def __init__(self, policies: Sequence[Policy], today: date) -> None:
        self._policies = policies
        self._today = today
        self._known: dict[tuple[int, int, str], tuple[str, date] | None] = {}

    def of(self, day: int, signal: int, application: str) -> tuple[str, date] | None:
        """The policy and the last day it keeps the event, or None if it isn't stored. `day` counts from 1970."""
        key = day, signal, application
        if key not in self._known:
            on = EPOCH + timedelta(days=day)
            policy = policy_for(self._policies, on, SIGNALS[signal], application)
            until = policy.retained_until(on) if policy else self._today
            stored = policy is not None and (until >= self._today or policy.policy == PILOT)
            self._known[key] = (policy.policy, until) if policy and stored else None
        return self._known[key]


def rows(
    rng: np.random.Generator,
    events: Events,
    worker: Worker,
    library: Library,
    terms: Terms,
    sealer: Sealer,
    now: datetime,
) -> tuple[list[Batch], pa.Table]:
    """The person's batches, one per source, and their rows (`lake.storage.store.ARROW_SCHEMA`) up to now."""
    events = events[events.at < now.timestamp()]
    applications = list(worker.applications)
    allowed, slices = _slices(events, terms, applications)
    kept = np.array([terms is not None for terms in allowed])[slices]
    events, slices = events[kept], slices[kept]

    ids = rng.bytes(16 * len(events))
    contents = [library.entries[entry] if entry >= 0 else None for entry in events.entry.tolist()]
    sealed = [
        sealer.seal(UUID(bytes=ids[16 * place : 16 * place + 16]), entry.content) if entry else None
        for place, entry in enumerate(contents)
    ]
    source = SOURCE_OF[events.signal]
    batches = [
        Batch(UUID(bytes=rng.bytes(16), version=4), worker.subject, name, read=int(np.sum(source == place)))
        for place, name in enumerate(SOURCES)
    ]
    sessions = _keys(rng.bytes(16 * (int(events.session.max(initial=-1)) + 1)))
    table = pa.table(
        {
            "capture_id": _keys(ids),
            "subject": _keys(worker.subject.bytes * len(events)),
            "captured_at": pa.array((events.at * 1e6).astype("datetime64[us]")),
            "signal": pa.array(SIGNALS).take(pa.array(events.signal)),
            "application": pa.array(applications).take(pa.array(events.application)),
            "x": pa.array(events.x, mask=events.x < 0),
            "y": pa.array(events.y, mask=events.y < 0),
            "session": sessions.take(pa.array(events.session)),
            "source": pa.array(SOURCES).take(pa.array(source)),
            "batch": _keys(b"".join(batch.batch.bytes for batch in batches)).take(pa.array(source)),
            "policy": pa.array([terms and terms[0] for terms in allowed], pa.string()).take(pa.array(slices)),
            "retained_until": pa.array([terms and terms[1] for terms in allowed], pa.date32()).take(pa.array(slices)),
            "redactions": pa.array([entry and entry.redactions for entry in contents], _type("redactions")),
            "sealed": pa.array(sealed, pa.binary()),
        },
        schema=ARROW_SCHEMA,
    )
    return [batch for batch in batches if batch.read], table


def _slices(
    events: Events, terms: Terms, applications: list[str]
) -> tuple[list[tuple[str, date] | None], NDArray[np.int64]]:
    """The terms of every slice (day, signal, application), and the slice of each event."""
    day = (events.at // 86400).astype(np.int64)
    key = (day * len(SIGNALS) + events.signal) * len(applications) + events.application
    distinct, slices = np.unique(key, return_inverse=True)
    found = []
    for one in distinct.tolist():
        rest, application = divmod(one, len(applications))
        on, signal = divmod(rest, len(SIGNALS))
        found.append(terms.of(on, signal, applications[application]))
    return found, slices


def _keys(keys: bytes) -> pa.Array:
    """A column of consecutive UUIDs."""
    return pa.Array.from_buffers(pa.binary(16), len(keys) // 16, [None, pa.py_buffer(keys)])


def _type(column: str) -> pa.DataType:
    return ARROW_SCHEMA.field(column).type
