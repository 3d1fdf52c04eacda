"""Cleanup: every half minute a worker removes what only grows and is no longer needed.

    workflows that ended        after `WORKFLOWS_KEPT`; the outcome is on the request itself
    idempotency keys            after `requests.KEYS_KEPT`; documented in docs/api.md
    what recorders last said    `heartbeats.KEPT` after that
    what people were told       `telling.KEPT` after that
    the write-ahead log         emptied in each round, which SQLite does only when nobody reads
    the old master key          once a change of it that was interrupted is completed
    small files, old snapshots  merged and dropped once there are too many (`lake.storage.maintenance.crowded`), a
                                bounded part at a time, so that writers and readers get their turn in between

Safe to interrupt, and for several workers to do at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete

import clock
from governance.db import database, work_queue
from governance.db.database import writing
from governance.db.tables import IdempotencyRow
from governance.ledger import master_key_changes, trusted_time
from governance.notifying import telling
from governance.recording import heartbeats
from governance.requests.filing import KEYS_KEPT
from governance.rounds import repeating
from lake.storage import maintenance
from lake.storage.connection import LakeBusy, writer
from queries.connection import answering

logger = logging.getLogger("governance")

ROUND_SECONDS = 30.0
WORKFLOWS_KEPT = timedelta(minutes=5)
PATIENCE_OF_A_ROUND = 1.0


@contextmanager
def scheduled() -> Iterator[None]:
    """Clean up for as long as the block runs."""
    with (
        repeating.repeated("old workflows", forget_workflows, ROUND_SECONDS),
        repeating.repeated("old keys", forget_keys, ROUND_SECONDS),
        repeating.repeated("old recorders", forget_recorders, ROUND_SECONDS),
        repeating.repeated("old notifications", forget_notifications, ROUND_SECONDS),
        repeating.repeated("the write-ahead log", truncate_log, ROUND_SECONDS),
        repeating.repeated("the master key", master_key_changes.complete, ROUND_SECONDS),
        repeating.repeated("small files", merge_if_crowded, ROUND_SECONDS, first_after=ROUND_SECONDS),
    ):
        yield


def forget_workflows() -> None:
    before = clock.now() - WORKFLOWS_KEPT
    while work_queue.forget_ended(before) == work_queue.FORGOTTEN_AT_ONCE:
        pass


def forget_keys() -> None:
    old = delete(IdempotencyRow).where(IdempotencyRow.used_at <= clock.now_utc() - KEYS_KEPT)
    if trusted_time.allows("forgetting old keys"):
        with writing() as session:
            session.execute(old)


def forget_recorders() -> None:
    if trusted_time.allows("forgetting recorders that are silent"):
        heartbeats.forget_old()


def forget_notifications() -> None:
    if trusted_time.allows("forgetting what people were told"):
        telling.forget_old()


def truncate_log() -> None:
    """Also what was destroyed while others read, and so is still in the log, goes then."""
    if not database.truncate_log(PATIENCE_OF_A_ROUND):
        logger.info("the write-ahead log is emptied later: the governance database is being read")


def merge_if_crowded() -> None:
    """Merge some of the lake's small files, if there are too many. Raises LakeUnavailable."""
    crowded = answering(maintenance.crowded)
    if not crowded:
        return
    try:
        with writer(PATIENCE_OF_A_ROUND) as connection:
            maintenance.merge_some(connection, crowded)
    except LakeBusy:
        logger.info("small files are merged later: the lake is being written to")
