"""From the events on disk to the lake's lineage tables, and then the violations.

Everything that an event affects (its run, the run's parent and children, the models that they name, all runs of a job)
is recomputed from all its events, under the lake's write lock: whoever folds last has read everything stored before.
Writing the same again changes nothing, so an interrupted fold is simply repeated. An event that can't be folded is
retried later and doesn't block the others.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from duckdb import DuckDBPyConnection
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import clock
from governance.db.database import due, reading, writing
from governance.lineage import reports, touched
from governance.lineage.events import Item
from governance.lineage.facts import ModelFacts
from governance.lineage.tables import LineageEventRow
from governance.lineage.told_roots import told_roots
from governance.lineage.touched import Touched
from governance.logs import log_unexpected
from lake.datasets import unconsented
from lake.lineage import graph, reported, violations
from lake.lineage.graph import Deployment, ModelVersion, Relation
from lake.lineage.reported import Model
from lake.storage.connection import LakeBusy, LakeUnavailable, transaction, writer
from lake.storage.making import is_of_earlier_version, upgrade

logger = logging.getLogger("governance")

TOGETHER = 200
PATIENCE_SECONDS = 0.1
PATIENCE_OF_A_ROUND = 1.0
FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=1)


def fold_now() -> None:
    """Fold waiting events if no one else is writing to the lake; never raises. Otherwise a worker does it."""
    try:
        fold(patience=PATIENCE_SECONDS)
    except LakeBusy:
        return
    except Exception as error:
        log_unexpected(error)


def fold_pending() -> None:
    """Part of a worker's round: fold all waiting events."""
    try:
        while fold(PATIENCE_OF_A_ROUND):
            pass
    except LakeBusy:
        return
    except LakeUnavailable as error:
        logger.warning("lineage: %s Retrying.", error)


def upgrade_lake() -> None:
    """Bring a lake of an earlier version up to date; everything reported waits to be folded into it again, because it
    may hold more of it than before. Safe to repeat. Raises LakeUnavailable.
    """
    if not is_of_earlier_version():
        return
    with writing() as session:
        session.execute(update(LineageEventRow).values(waiting=True, failures=0, retry_at=None))
    upgrade()


def fold(patience: float | None) -> int:
    """Fold waiting events, at most `TOGETHER`; returns how many were processed. Raises LakeBusy."""
    with reading() as session:
        if not _waiting(session):
            return 0
    with writer(patience) as connection:
        with reading() as session:
            events = _waiting(session)
        try:
            _fold(connection, events)
        except Exception as error:
            if len(events) == 1:
                _put_off(events[0], error)
            else:
                for event in events:
                    _fold_alone(connection, event)
    return len(events)


def _waiting(session: Session) -> list[int]:
    waits = select(LineageEventRow.id).where(
        LineageEventRow.waiting.is_(True), due(LineageEventRow.retry_at, LAST_RETRY)
    )
    return list(session.scalars(waits.order_by(LineageEventRow.id).limit(TOGETHER)))


def _fold_alone(connection: DuckDBPyConnection, event: int) -> None:
    try:
        _fold(connection, [event])
    except Exception as error:
        _put_off(event, error)


def _put_off(event: int, error: Exception) -> None:
    log_unexpected(error)
    with writing() as session:
        row = session.get_one(LineageEventRow, event)
        row.failures += 1
        row.retry_at = clock.now_utc() + min(FIRST_RETRY * 2 ** min(row.failures, 12), LAST_RETRY)


def _fold(connection: DuckDBPyConnection, events: Sequence[int]) -> None:
    with reading() as session:
        what = touched.by(session, events)
    now = clock.now_utc()
    with transaction(connection):
        keys = reported.models(connection, [_model(model, facts) for model, facts in what.models.items()])
        reported.parents(connection, {keys[model]: _made_from(what, keys, model) for model in keys})
        reported.deployments(connection, {keys[model]: _uses(keys[model], what.models[model]) for model in keys})
        datasets = reported.recognise(connection, reports.named(what.runs), now)
        told = _told_roots() if any(each.ours for each in datasets.values()) else {}
        changed = reported.runs(connection, [reports.report(run, datasets, keys) for run in what.runs], now)
        reported.details(connection, [reports.detail(run, datasets, told) for run in what.runs])
        declared = [_declare(connection, item, now) for item in what.declared if item.namespace != graph.OURS]
        looked_at = {*changed, *reported.parts_of(connection, changed), *reported.runs_reading(connection, declared)}
        if looked_at:
            violations.find(connection, sorted(looked_at), now)
            unconsented.find(connection, sorted(looked_at), now)
    with writing() as session:
        session.execute(update(LineageEventRow).where(LineageEventRow.id.in_(events)).values(waiting=False))


def _told_roots() -> dict[UUID, datetime]:
    with reading() as session:
        return told_roots(session)


def _model(model: Model, facts: ModelFacts) -> ModelVersion:
    return ModelVersion(*model, facts.purpose, facts.owner, facts.released_at, facts.retired_at, origin=facts.origin)


def _made_from(what: Touched, keys: dict[Model, UUID], model: Model) -> set[tuple[UUID, Relation]]:
    return {(keys[parent], relation) for parent, relation in what.parents.get(model, ()) if parent in keys}


def _uses(key: UUID, facts: ModelFacts) -> tuple[frozenset[str], list[Deployment]]:
    return facts.places, [Deployment(key, use.place, use.since, use.recipient, use.until) for use in facts.uses]


def _declare(connection: DuckDBPyConnection, item: Item, now: datetime) -> UUID:
    """A dataset with a declared purpose."""
    dataset = graph.DatasetVersion(
        item.name, item.version, item.purpose, now, namespace=item.namespace, origin="openlineage"
    )
    return graph.record_dataset_version(connection, dataset, None)
