"""Figures about the whole installation for `/metrics`: waiting work, the lake's files, silent systems, unusable parts.

They are counts and ages: no figure is about one person. They are read at most every `FRESH_SECONDS`, whoever asks, and
a part that can't be read leaves out its own figures and shows as unusable.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

import clock
import timekeeping
from governance import access_reports
from governance.db import worker_slots
from governance.db.database import reading
from governance.db.tables import AccessSystemRow, RequestRow
from governance.domain.lifecycle import OPEN, Type
from governance.intake import landing
from governance.intake.batches import oldest_waiting
from governance.logs import log_unexpected
from governance.recording import heartbeats
from governance.schemas.recording import RecorderState, SaidState
from lake.storage import maintenance, objects, verifying
from lake.storage.objects import prefix
from parts import explained
from queries.connection import answering

FRESH_SECONDS = 10.0


class InstallationFigures(Collector):
    """What the parts say now, or said a few seconds ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._known: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if not self._known or time.monotonic() - self._read_at > FRESH_SECONDS:
                self._known = list(_everything())
                self._read_at = time.monotonic()
        yield from self._known


def _everything() -> Iterator[Metric]:
    usable = GaugeMetricFamily(
        "openbook_part_readable", "1 if a part could be read for these figures.", labels=["part"]
    )
    for part, read in PARTS.items():
        try:
            yield from read()
            usable.add_metric([part], 1)
        except Exception as error:
            usable.add_metric([part], 0)
            if explained(error) is None:
                log_unexpected(error)
    yield usable


def _requests() -> list[Metric]:
    count, oldest = func.count(), func.min(RequestRow.received_at)
    by_state = select(RequestRow.type, RequestRow.state, count).group_by(RequestRow.type, RequestRow.state)
    waiting = select(RequestRow.type, oldest).where(RequestRow.state.in_(OPEN), ~RequestRow.awaits_decision)
    deciding = select(oldest).where(RequestRow.state.in_(OPEN), RequestRow.awaits_decision)
    late = select(count).where(RequestRow.state.in_(OPEN), RequestRow.due_at < clock.now_utc())
    with reading() as session:
        states = {(kind, state): number for kind, state, number in session.execute(by_state)}
        ages = {kind: _age(since) for kind, since in session.execute(waiting.group_by(RequestRow.type))}
        undecided = _age(session.scalar(deciding))
        overdue = session.scalar(late) or 0
    opened = GaugeMetricFamily("openbook_open_requests", "Requests that are not finished.", labels=["type", "state"])
    age = GaugeMetricFamily(
        "openbook_oldest_request_seconds",
        "Age of the oldest unfinished request that waits for work or is worked on; 0 if there is none. For erasures: "
        "how long captures may be on disk after their owner asked to delete them (they are hidden at once).",
        labels=["type"],
    )
    for kind in Type:
        for state in sorted(OPEN):
            opened.add_metric([kind, state], states.get((kind, state), 0))
        age.add_metric([kind], ages.get(kind, 0.0))
    return [
        opened,
        age,
        GaugeMetricFamily(
            "openbook_oldest_undecided_seconds", "Age of the oldest request that waits for an officer.", undecided
        ),
        GaugeMetricFamily("openbook_overdue_requests", "Unfinished requests whose deadline has passed.", overdue),
    ]


def _workers() -> list[Metric]:
    running = worker_slots.any_running()
    return [GaugeMetricFamily("openbook_worker_running", "1 if a worker runs.", int(running))]


def _lake() -> list[Metric]:
    size = answering(maintenance.size)
    checked = verifying.known()
    files = GaugeMetricFamily("openbook_lake_files", "Data files of the newest snapshot.", labels=["table"])
    taken = GaugeMetricFamily("openbook_lake_bytes", "Bytes of these files.", labels=["table"])
    for table in size.files:
        files.add_metric([table], size.files[table])
        taken.add_metric([table], size.bytes[table])
    return [
        files,
        taken,
        GaugeMetricFamily("openbook_lake_snapshots", "Snapshots that are kept.", size.snapshots),
        GaugeMetricFamily("openbook_lake_damaged_files", "Files that could not be read.", len(checked.damaged)),
        GaugeMetricFamily(
            "openbook_purge_due", "1 while deleted rows may still be on disk.", int(answering(maintenance.purge_is_due))
        ),
    ]


def _objects() -> list[Metric]:
    if objects.in_bucket():
        prefix.require_reachable()
    return []


def _intake() -> list[Metric]:
    return [
        GaugeMetricFamily("openbook_intake_waiting_bytes", "Bytes of records that wait to be stored.", landing.size()),
        GaugeMetricFamily(
            "openbook_intake_oldest_seconds", "Age of the oldest of them; 0: none waits.", _age(oldest_waiting())
        ),
    ]


def _systems() -> list[Metric]:
    with reading() as session:
        heard = {row.system: row.last_heard for row in session.scalars(select(AccessSystemRow))}
    silent = GaugeMetricFamily(
        "openbook_access_system_silent_seconds",
        "Seconds since a system that should report accesses was last heard of; +Inf if never.",
        labels=["system"],
    )
    for system in access_reports.systems():
        silent.add_metric([system], _age(heard[system]) if system in heard else float("inf"))
    return [silent]


def _recorders() -> list[Metric]:
    found = heartbeats.count_by_state()
    count = GaugeMetricFamily("openbook_recorders", "Recorders by what they last said, or silent.", labels=["state"])
    for state in (*SaidState, RecorderState.SILENT):
        count.add_metric([state], found[state])
    return [count]


def _clock() -> list[Metric]:
    doubted = timekeeping.doubt() is not None
    return [GaugeMetricFamily("openbook_clock_doubted", "1 while actions that can't be undone wait.", int(doubted))]


def _age(since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (clock.now_utc() - since).total_seconds())


PARTS: dict[str, Callable[[], list[Metric]]] = {
    "governance": _requests,
    "worker": _workers,
    "lake": _lake,
    "objects": _objects,
    "intake": _intake,
    "access systems": _systems,
    "recorders": _recorders,
    "clock": _clock,
}
