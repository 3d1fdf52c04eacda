"""The worker process: works on requests, and every few seconds runs a round of regular work.

A round enqueues requests that were not enqueued (because the API died before it could) or whose next attempt is due;
takes over work that a killed worker left; marks requests whose workflow ended without a result as failed, so they are
retried; lets erasures start that waited for a day; carries out holds that an officer asked for, and ends rules that
their owner ended; folds what pipelines reported into the lake, records missing dataset versions in the ledger, and
collects entries of access logs; deletes expired export files and receipts; polls partners and calls them back over
OpenDSR (`governance.opendsr`). In parallel, what recorders sent is stored (`governance.intake.storing`), the lake's
files are checked gradually (`governance.rounds.lake_checks`), the ledger gets its batches
(`governance.ledger.batches`), retention is enforced once a day (`governance.rounds.retention`), releases for managers
are published when due (`governance.rounds.releases`), leases are written and ended (`governance.leases`), names
are masked that others asked for (`governance.fulfilment.masking`), and what is
no longer needed is removed (`governance.rounds.tidying`). People are told what happened (`governance.rounds.telling`).

A worker whose home lacks a part, or has a different lake than expected, accepts no work until that is fixed
(`governance.worker.wholeness`).
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import AbstractContextManager
from functools import partial

from dbos import DBOS, DBOSPortableJSONSerializer, WorkflowStatus
from sqlalchemy import select

from databases.postgresql import Schema
from governance import access_log, receipts
from governance.access_proofs import recording as access_proofs
from governance.ai_models import datasets
from governance.backup import state as backups
from governance.backup.homes import refuse_while_restoring
from governance.db import work_queue, worker_slots
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.db.work_queue import APPLICATION, ERASURES, LARGE_EXPORTS, REQUESTS, system_database_url, workflow_id
from governance.domain.lifecycle import State, Type
from governance.fulfilment import erasure, export, masking, standing, workflows
from governance.fulfilment import waiting as waiting_erasures
from governance.intake import storing
from governance.leases import writing as leases
from governance.ledger import batches, trusted_time
from governance.lineage import folding, mlflow_import
from governance.logs import log_unexpected
from governance.opendsr import following
from governance.recording import notices, set_hours
from governance.register import recording as register
from governance.requests import holds
from governance.requests.retries import begin_later, fail, waiting
from governance.requests.work_tables import WorkRow
from governance.rounds import lake_checks, releases, repeating, retention, telling, tidying
from governance.worker import wholeness
from parts import PartUnavailable

logger = logging.getLogger("governance")

ROUND_SECONDS = 2.0
CLOCK_SECONDS = 20.0
AT_ONCE = 4
LARGE_AT_ONCE = 1
WINDOW = 500
"""How many waiting requests a round looks at; the others follow once these have started."""
IDLE_SECONDS = 30.0

_idle_since: dict[str, float] = {}
"""When this worker first saw that a workflow is assigned to it but not running."""


def run() -> None:
    """Work until SIGTERM or SIGINT. Raises BackupError while the home is being restored."""
    refuse_while_restoring()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            if wholeness.is_whole():
                _work(stop)
        except PartUnavailable as error:  # it was there a moment ago
            logger.warning("this worker waits: %s", error)
        stop.wait(ROUND_SECONDS)


def _work(stop: threading.Event) -> None:
    """Work until stopped, or until a part of the home is missing."""
    with worker_slots.place() as executor_id:
        refuse_while_restoring()  # a restore that started meanwhile missed this worker, or this sees the restore
        launch(executor_id)
        logger.info("worker %s is ready", executor_id)
        try:
            with (
                watched_clock(),
                retention.scheduled(),
                releases.scheduled(backups.keep_state),
                tidying.scheduled(),
                lake_checks.scheduled(),
                storing.scheduled(),
                ledger_batches(),
                telling.scheduled(),
                leases.scheduled(),
                masking.scheduled(),
            ):
                while not stop.wait(ROUND_SECONDS) and wholeness.is_whole():
                    make_round(executor_id)
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=30)
            work_queue.close()


def watched_clock() -> AbstractContextManager[None]:
    """Judge the clock repeatedly, so that the result is fresh; asking a second source takes time."""
    return repeating.repeated("clock", trusted_time.look, CLOCK_SECONDS)


def ledger_batches() -> AbstractContextManager[None]:
    """Seal batches of the ledger in time, whatever else the worker does: a delay could say what that is."""
    return repeating.repeated("ledger", batches.seal_due, batches.EVERY_SECONDS)


def make_round(executor_id: str) -> None:
    """One round; if a part fails, the others still run."""
    taking_over = partial(take_over, executor_id)
    rules = (holds.carry_out_pending, standing.end_pending_rules, erasure.close_finished_tombstones)
    waits = (waiting_erasures.start, waiting_erasures.keep_out)
    lineage = (folding.fold_pending, mlflow_import.follow_up, datasets.record_missing_periodically)
    told = (register.record_periodically, notices.record_periodically, set_hours.end_disallowed_periodically)
    anchors = (*told, access_log.collect, access_proofs.record_periodically)
    maintenance = (export.delete_expired, receipts.destroy_expired, following.passes.begin, backups.maintain)
    for part in (*waits, enqueue_waiting, taking_over, retry_stranded, *rules, *lineage, *anchors, *maintenance):
        try:
            part()
        except Exception as error:
            log_unexpected(error)


def enqueue_waiting() -> None:
    """Enqueue requests that wait for work.

    If the attempt of a request has already ended, because it could not even start, the request gets a new attempt.
    """
    columns = waiting().with_only_columns(RequestRow.id, RequestRow.type, RequestRow.attempts).limit(WINDOW)
    with reading() as session:
        requests = [(request_id, Type(kind), attempts) for request_id, kind, attempts in session.execute(columns)]
    under_way = work_queue.under_way([workflow_id(request_id, attempts) for request_id, _, attempts in requests])
    for request_id, request_type, attempts in requests:
        match under_way.get(workflow_id(request_id, attempts)):
            case None:
                work_queue.enqueue(request_id, request_type, attempts)
            case False:
                begin_later(request_id, attempts)


def take_over(executor_id: str) -> None:
    """Put back into the queue what a worker was doing when it was killed, and what this one dropped.

    The latter happens if the queue's database can't be written, for example on a full disk: then nothing could be
    recorded.
    """
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    for other in {workflow.executor_id or "" for workflow in pending} - {executor_id}:
        with worker_slots.if_dead(other) as dead:
            if dead:
                _put_back(DBOS.list_workflows(status="PENDING", executor_id=other, load_input=False, load_output=False))
    idle = {one.workflow_id for one in pending if one.executor_id == executor_id} - workflows.running()
    for let_fall in set(_idle_since) - idle:
        del _idle_since[let_fall]
    now = time.monotonic()
    fallen = {one for one in idle if now - _idle_since.setdefault(one, now) > IDLE_SECONDS}
    _put_back([workflow for workflow in pending if workflow.workflow_id in fallen])


def _put_back(left: list[WorkflowStatus]) -> None:
    for queue in {workflow.queue_name for workflow in left}:
        DBOS.resume_workflows([one.workflow_id for one in left if one.queue_name == queue], queue_name=queue)


def retry_stranded() -> None:
    """Mark requests as failed that are in progress although nothing works on them any more."""
    begun = select(RequestRow.id, RequestRow.attempts, WorkRow.workflow).join(WorkRow)
    taken = begun.where(RequestRow.state == State.IN_PROGRESS, WorkRow.workflow.is_not(None))
    with reading() as session:
        requests = [(request_id, attempts, workflow or "") for request_id, attempts, workflow in session.execute(taken)]
    under_way = work_queue.under_way({workflow for _, _, workflow in requests})
    for request_id, attempts, workflow in requests:
        if not under_way.get(workflow):
            fail(request_id, "The work was interrupted. We retry automatically; nothing is lost.", attempts)


def launch(executor_id: str) -> None:
    """Start working on the queues, in threads of this process, until `DBOS.destroy`."""
    assert workflows.__name__  # importing it registers the workflows
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": system_database_url(),
            "dbos_system_schema": Schema.QUEUE,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": "1",
            "executor_id": executor_id,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
    )
    work_queue.prepare()
    DBOS.launch()
    for queue, at_once in ((REQUESTS, AT_ONCE), (LARGE_EXPORTS, LARGE_AT_ONCE)):
        DBOS.register_queue(
            queue,
            worker_concurrency=at_once,
            partition_concurrency=1,
            polling_interval_sec=0.5,
            on_conflict="always_update",
        )
    DBOS.register_queue(ERASURES, global_concurrency=1, polling_interval_sec=0.5, on_conflict="always_update")
