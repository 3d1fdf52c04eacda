"""The queues between the API and the workers: DBOS on `$OPENBOOK_HOME/governance/work.sqlite`.

    erasures              one workflow at a time, whatever the number of workers: it takes all that wait
    requests-by-person    exports and standing requests: one of each person at a time, so many requests of one
                          person take one slot; who gets the next free slot is drawn from those who wait
    large-exports         the same for exports of very many captures, with slots of their own

The workflow of a request's first attempt has the request's id, the next ones have the number of
failures added; enqueueing twice is the same as once. The queues hold ids and nothing else. If they can't be
reached, the request waits: workers look for requests that nobody enqueued.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Collection
from contextlib import closing
from datetime import datetime
from uuid import UUID

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import select

import home
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import Type
from home import Part

logger = logging.getLogger("governance")

APPLICATION = "open-book"
REQUESTS = "requests-by-person"
LARGE_EXPORTS = "large-exports"
ERASURES = "erasures"
LARGE = 100_000
"""Captures, as previewed when the request was filed: an export of more is a large one."""
SOON, LATER = 1, 2
"""Priorities among the requests of one person: what they want to be in force doesn't wait for their exports."""
STANDING = "standing"
ALIVE = ("ENQUEUED", "DELAYED", "PENDING")
ENDED = ("SUCCESS", "ERROR", "CANCELLED")
FORGOTTEN_AT_ONCE = 500

_lock = threading.Lock()
_clients: dict[tuple[str, int], DBOSClient] = {}


def system_database_url() -> str:
    """Raises HomeUnavailable where the queue is not there: nobody but the first start makes it."""
    home.require(Part.QUEUE)
    return f"sqlite:///{Part.QUEUE.path.as_uri()}?mode=rw&uri=true"


def create() -> None:
    """Make the queue's database; for the first start of a home, and for a restore, which takes none over."""
    DBOS.migrate(f"sqlite:///{Part.QUEUE.path}")


def queue_of(request_type: str) -> str:
    """The queue for the workflow of this name."""
    return ERASURES if request_type == Type.ERASURE else REQUESTS


def workflow_of(request_type: Type) -> str:
    """The name of the workflow that carries out requests of a type; those that leave something standing share one."""
    return STANDING if request_type.standing else request_type.value


def workflow_id(request_id: UUID, attempts: int) -> str:
    """The id of the workflow that works on a request after so many failures."""
    return f"{request_id}-{attempts}" if attempts else str(request_id)


def enqueue(request_id: UUID, request_type: Type, attempts: int = 0) -> None:
    """Hand a request to the workers, if its queue can be reached. Never raises: the request is on disk."""
    try:
        options: EnqueueOptions = {
            "workflow_name": workflow_of(request_type),
            "queue_name": queue_of(request_type),
            "workflow_id": workflow_id(request_id, attempts),
        }
        if options["queue_name"] == REQUESTS:
            person, large = _person_and_size(request_id)
            options["queue_partition_key"] = str(person)
            options["priority"] = SOON if request_type.standing else LATER
            if request_type == Type.EXPORT and large:
                options["queue_name"] = LARGE_EXPORTS
        _client().enqueue(options, str(request_id))
    except Exception as error:
        logger.warning("request %s waits for a worker to find it (%s)", request_id, type(error).__name__)


def _person_and_size(request_id: UUID) -> tuple[UUID, bool]:
    """Whose request it is, and whether it is about very many captures."""
    asked = select(RequestRow.subject, RequestRow.previewed).where(RequestRow.id == request_id)
    with reading() as session:
        subject, previewed = session.execute(asked).one()
    return subject, previewed is not None and previewed["events"] > LARGE


def under_way(names: Collection[str]) -> dict[str, bool]:
    """Of these workflow ids, those that were ever enqueued; False: that workflow has ended. Raises DBOS's errors."""
    if not names:
        return {}
    known = _client().list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
    return {workflow.workflow_id: workflow.status in ALIVE for workflow in known}


def forget_ended(before: datetime) -> int:
    """Delete the workflows that ended before a moment (aware), `FORGOTTEN_AT_ONCE` at most; returns how many.

    Nothing is lost: what became of a request is on the request, and a workflow that is enqueued again for a request
    that has ended finds nothing to do. Raises DBOS's errors.
    """
    ended = _client().list_workflows(
        status=list(ENDED),
        completed_before=before.isoformat(),
        limit=FORGOTTEN_AT_ONCE,
        load_input=False,
        load_output=False,
    )
    if ended:
        _client().delete_workflows([workflow.workflow_id for workflow in ended])
    return len(ended)


def prepare() -> None:
    """Bring the queues' database up to date. In its write-ahead log those who read don't hold up those who write."""
    DBOS.migrate(system_database_url())
    with closing(sqlite3.connect(f"{Part.QUEUE.path.as_uri()}?mode=rw", uri=True, timeout=30)) as connection:
        connection.execute("pragma journal_mode = wal")


def close() -> None:
    """Let go of the queues' database file."""
    with _lock:
        while _clients:
            _clients.popitem()[1].destroy()


def _client() -> DBOSClient:
    url = system_database_url()
    opened = url, Part.QUEUE.path.stat().st_ino
    with _lock:
        if opened not in _clients:
            prepare()
            _clients[opened] = DBOSClient(
                system_database_url=url,
                serializer=DBOSPortableJSONSerializer(),
                application_name=APPLICATION,
                retry_connection_errors=False,
            )
        return _clients[opened]
