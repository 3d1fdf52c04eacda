"""The queues between the API and the workers: DBOS on `$OPENBOOK_HOME/governance/work.sqlite`, or on the schema `dbos`
in PostgreSQL (`databases.postgresql`).

    erasures              one workflow at a time, however many workers there are: it takes all waiting erasures
    requests-by-person    exports and standing requests: one per person at a time, so one person's many requests
                          take one slot; the next free slot goes to a random waiting person
    large-exports         the same for exports of very many captures, with slots of their own

The workflow of a request's first attempt has the request's id; later ones have the number of failures appended.
Enqueueing is idempotent. The queues hold only ids. If they can't be reached, the request waits: workers look for
requests that were not enqueued.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Collection
from contextlib import closing, suppress
from datetime import datetime
from uuid import UUID

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import select, text

import home
import tracing
from databases import postgresql
from databases.postgresql import Schema
from governance.db.database import PATIENCE_SECONDS, reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import Type
from home import Part
from parts import Busy, using

logger = logging.getLogger("governance")

APPLICATION = "open-book"
REQUESTS = "requests-by-person"
LARGE_EXPORTS = "large-exports"
ERASURES = "erasures"
LARGE = 100_000
"""Captures, as previewed at filing: an export of more than this is a large one."""
SOON, LATER = 1, 2
"""Priorities among one person's requests: rules that they want in force don't wait for their exports."""
STANDING = "standing"
ASKER = "traceparent"
"""The attribute of a workflow that names the span of the call that asked for it, while traces are exported."""
ALIVE = ("ENQUEUED", "DELAYED", "PENDING")
ENDED = ("SUCCESS", "ERROR", "CANCELLED")
FORGOTTEN_AT_ONCE = 500

_lock = threading.Lock()
_clients: dict[tuple[str, int], DBOSClient] = {}


def system_database_url() -> str:
    """Raises HomeUnavailable if the queue doesn't exist: only the first start creates it. Raises PartUnavailable."""
    home.require(Part.QUEUE)
    if postgresql.is_used():
        postgresql.engine(Schema.QUEUE)
        return postgresql.queue_url().render_as_string(hide_password=False)
    return f"sqlite:///{Part.QUEUE.path.as_uri()}?mode=rw&uri=true"


def check() -> None:
    """Whether the queue can be read; one that is busy can. Raises HomeUnavailable, PartUnavailable."""
    home.require(Part.QUEUE)
    if postgresql.is_used():
        with using("The queue of the workers"), postgresql.engine(Schema.QUEUE).connect() as connection:
            connection.execute(text("select count(*) from workflow_status where false"))
        return
    place = f"{Part.QUEUE.path.as_uri()}?mode=ro"
    with (
        suppress(Busy),
        using("The queue of the workers"),
        closing(sqlite3.connect(place, uri=True, timeout=PATIENCE_SECONDS)) as file,
    ):
        file.execute("select count(*) from sqlite_master").fetchone()


def create() -> None:
    """Create the queue's database: for the first start of a home, and for a restore, which takes none over."""
    if postgresql.is_used():
        DBOS.migrate(postgresql.queue_url().render_as_string(hide_password=False), schema=Schema.QUEUE)
    else:
        DBOS.migrate(f"sqlite:///{Part.QUEUE.path}")


def queue_of(request_type: str) -> str:
    """The queue for the workflow of this name."""
    return ERASURES if request_type == Type.ERASURE else REQUESTS


def workflow_of(request_type: Type) -> str:
    """The name of the workflow for a request type; the types that leave something in force share one."""
    return STANDING if request_type.standing else request_type.value


def workflow_id(request_id: UUID, attempts: int) -> str:
    """The id of the workflow that works on a request after this many failures."""
    return f"{request_id}-{attempts}" if attempts else str(request_id)


def enqueue(request_id: UUID, request_type: Type, attempts: int = 0) -> None:
    """Hand a request to the workers, if the queue can be reached. Never raises: the request is on disk."""
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
        if asker := tracing.traceparent():
            options["attributes"] = {ASKER: asker}
        _client().enqueue(options, str(request_id))
    except Exception as error:
        logger.warning("request %s waits for a worker to find it (%s)", request_id, type(error).__name__)


def _person_and_size(request_id: UUID) -> tuple[UUID, bool]:
    """The person who filed the request, and whether it is about very many captures."""
    asked = select(RequestRow.subject, RequestRow.previewed).where(RequestRow.id == request_id)
    with reading() as session:
        subject, previewed = session.execute(asked).one()
    return subject, previewed is not None and previewed["events"] > LARGE


def askers(request_ids: Collection[str]) -> list[str]:
    """The spans of the calls that asked for work on these requests, as far as known (`ASKER`). Never raises."""
    try:
        known = _client().list_workflows(workflow_ids=list(request_ids), load_input=False, load_output=False)
    except Exception as error:
        logger.warning("a trace doesn't say what asked for it (%s)", type(error).__name__)
        return []
    return [str(noted[ASKER]) for noted in (workflow.attributes or {} for workflow in known) if ASKER in noted]


def under_way(names: Collection[str]) -> dict[str, bool]:
    """The workflow ids among these that were ever enqueued; False: that workflow has ended. Raises DBOS's errors."""
    if not names:
        return {}
    known = _client().list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
    return {workflow.workflow_id: workflow.status in ALIVE for workflow in known}


def forget_ended(before: datetime) -> int:
    """Delete workflows that ended before a moment (aware), at most `FORGOTTEN_AT_ONCE`; returns how many.

    Nothing is lost: the outcome is stored with the request, and a workflow enqueued again for an ended request finds
    nothing to do. Raises DBOS's errors.
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
    """Migrate the queues' database. With a write-ahead log, readers don't block writers."""
    DBOS.migrate(system_database_url(), schema=Schema.QUEUE)
    if postgresql.is_used():
        return
    with closing(sqlite3.connect(f"{Part.QUEUE.path.as_uri()}?mode=rw", uri=True, timeout=30)) as connection:
        connection.execute("pragma journal_mode = wal")


def close() -> None:
    """Close the queues' database file, or the connections."""
    with _lock:
        while _clients:
            _clients.popitem()[1].destroy()


def _client() -> DBOSClient:
    url = system_database_url()
    opened = url, 0 if postgresql.is_used() else Part.QUEUE.path.stat().st_ino
    with _lock:
        if opened not in _clients:
            prepare()
            _clients[opened] = DBOSClient(
                system_database_url=url,
                serializer=DBOSPortableJSONSerializer(),
                dbos_system_schema=Schema.QUEUE,
                application_name=APPLICATION,
                retry_connection_errors=False,
            )
        return _clients[opened]
