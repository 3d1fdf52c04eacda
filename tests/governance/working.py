"""A worker's work in the test process: the same steps, without the queue."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from dbos import DBOS
from sqlalchemy import update
from starlette.testclient import TestClient

from directory import Employee
from governance.db import worker_slots
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import Type
from governance.fulfilment import erasure, export, standing
from governance.requests import holds
from governance.requests.progress import Step, attempt, attempt_many, begin, begin_all
from governance.requests.retries import fail_all
from governance.worker import process
from tests.governance.conftest import Capture, Client, ended, wait_until


def asked_to_erase(api: Client, people: Sequence[Employee], capture: Capture) -> list[UUID]:
    """Something is captured of each of these people, who then asks to have everything erased; the requests."""
    for somebody in people:
        capture(somebody, 2)
    return [UUID(api(one).post("/v1/requests", json={"type": "erasure"}).json()["id"]) for one in people]


def carry_out(request_id: str | UUID) -> bool:
    """Carry out a request; False if there was nothing to do."""
    taken = UUID(str(request_id))
    if not begin(taken):
        return False
    with reading() as session:
        kind = Type(session.get_one(RequestRow, taken).type)
    for joint in erasure.TOGETHER if kind == Type.ERASURE else ():
        joint([taken])
    steps: dict[Type, Sequence[Step]] = {Type.ERASURE: erasure.EACH, Type.EXPORT: export.STEPS}
    for step in steps.get(kind, standing.STEPS):
        step(taken)
    return True


def work_on(ids: list[UUID]) -> None:
    """What the workflow of erasures does, in this process."""
    workflow = f"{ids[0]}-{time.monotonic_ns()}"
    taken = begin_all(ids[0], workflow)
    for step in erasure.TOGETHER:
        failure = attempt(step, ids)
        if failure is not None:
            fail_all(taken, failure)
            return
    failures = attempt_many(erasure.EACH, [UUID(request_id) for request_id, _ in taken], workflow)
    for request_id, attempts in taken:
        if UUID(request_id) in failures:
            fail_all([(request_id, attempts)], failures[UUID(request_id)])


@contextmanager
def queues() -> Iterator[str]:
    """A worker's queues in the test process, until the block ends; the name of its place."""
    with worker_slots.place() as executor_id:
        process.launch(executor_id)
        try:
            yield executor_id
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=5)


def rounds_until_ended(client: TestClient, request_id: str, executor_id: str) -> dict[str, Any]:
    """A worker of `queues` makes its rounds until the request has ended; returns it."""

    def ended_after_a_round() -> bool:
        process.make_round(executor_id)
        return bool(client.get(f"/v1/requests/{request_id}").json()["completed_at"])

    wait_until(ended_after_a_round)
    return ended(client, request_id)


def due_now() -> None:
    """Failed requests are retried now."""
    with writing() as session:
        session.execute(update(RequestRow).values(retry_at=None))


def maintain_rules() -> None:
    """What a worker does in its round: pending holds and ended rules."""
    holds.carry_out_pending()
    standing.end_pending_rules()
