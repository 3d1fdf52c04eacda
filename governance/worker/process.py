"""The worker process: works on requests, and every few seconds looks after what would otherwise be left lying.

Its round: requests that nobody enqueued (the API died before it could) or whose next attempt is due are enqueued;
work that a killed worker left is taken over; a request whose workflow came to nothing is marked as failed, and so
tried again; holds that an officer asked for, and rules that their owner ended, are seen to; what pipelines told is
folded into the lake, and the ledger told of dataset versions that it does not tell of yet; export files and receipts
whose time has passed are deleted; partners are asked and called back over OpenDSR (`governance.opendsr`). Besides,
the files of the lake are read by and by (`governance.rounds.lake_checks`), once a day retention is enforced
(`governance.rounds.retention`), what managers see is published when it is due (`governance.rounds.releases`), and
what has no use any more is taken away (`governance.rounds.tidying`).

A worker whose home lacks a part, or has another lake than it should, takes no work until that is put right
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

from governance import receipts
from governance.ai_models import datasets
from governance.backup import state as backups
from governance.backup.homes import refuse_while_restoring
from governance.db import work_queue, worker_slots
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.db.work_queue import APPLICATION, ERASURES, LARGE_EXPORTS, REQUESTS, system_database_url, workflow_id
from governance.domain.lifecycle import State, Type
from governance.fulfilment import erasure, export, standing, workflows
from governance.ledger import trusted_time
from governance.lineage import folding, mlflow_import
from governance.logs import log_unexpected
from governance.opendsr import following
from governance.requests import holds
from governance.requests.progress import begin_later, fail, waiting
from governance.requests.work_tables import WorkRow
from governance.rounds import lake_checks, releases, repeating, retention, tidying
from governance.worker import wholeness

logger = logging.getLogger("governance")

ROUND_SECONDS = 2.0
CLOCK_SECONDS = 20.0
AT_ONCE = 4
LARGE_AT_ONCE = 1
WINDOW = 500
"""How many of the requests that wait a round looks at; those behind them come when these have begun."""
IDLE_SECONDS = 30.0

_idle_since: dict[str, float] = {}
"""When this worker first saw that a workflow is said to be in its hands and is not."""


def run() -> None:
    """Work until SIGTERM or SIGINT. Raises BackupError while the home is being restored."""
    refuse_while_restoring()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        if wholeness.is_whole():
            _work(stop)
        else:
            stop.wait(ROUND_SECONDS)


def _work(stop: threading.Event) -> None:
    """Work until told to stop, or until a part of the home is missing."""
    with worker_slots.place() as executor_id:
        refuse_while_restoring()  # a restore that began meanwhile has not seen this worker, or this sees the restore
        _launch(executor_id)
        logger.info("worker %s is ready", executor_id)
        try:
            with (
                watched_clock(),
                retention.every_day(),
                releases.by_itself(),
                tidying.now_and_then(),
                lake_checks.by_and_by(),
            ):
                while not stop.wait(ROUND_SECONDS) and wholeness.is_whole():
                    make_round(executor_id)
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=30)
            work_queue.close()


def watched_clock() -> AbstractContextManager[None]:
    """The clock is judged again and again, so that what is known of it is fresh; asking a second source takes time."""
    return repeating.repeated("clock", trusted_time.look, CLOCK_SECONDS)


def make_round(executor_id: str) -> None:
    """One round; a part that fails doesn't keep the others from their turn."""
    taking_over = partial(take_over, executor_id)
    rules = (holds.carry_out_left, standing.end_left, erasure.close_left)
    lineage = (folding.fold_left, mlflow_import.follow_up, datasets.tell_now_and_then)
    looking_after = (export.delete_expired, receipts.destroy_expired, following.passes.begin, backups.look_after)
    for part in (enqueue_waiting, taking_over, retry_stranded, *rules, *lineage, *looking_after):
        try:
            part()
        except Exception as error:
            log_unexpected(error)


def enqueue_waiting() -> None:
    """Enqueue requests that wait for work.

    One whose attempt has already come to an end, because it could not even begin, gets a new attempt.
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
    """Put back into the queue what a worker had in hand when it was killed, and what this one let fall.

    The latter happens where the queue's database can't be written, as on a full disk: nothing could be recorded then.
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
            fail(request_id, "The work was interrupted. We try again by ourselves; nothing is lost.", attempts)


def _launch(executor_id: str) -> None:
    assert workflows.__name__  # importing it registers the workflows
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": system_database_url(),
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
