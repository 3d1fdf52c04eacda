"""The durable workflows: what a worker does with requests, step by step.

DBOS records each step's result, so after a worker was killed the work continues with the interrupted step, which is
safe to repeat. A failed step ends the work on its requests and records the failure on them; a new workflow starts when
it is due (`governance.worker.process`). Arguments and results contain only ids and words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from dbos import DBOS

import tracing
from governance.db import work_queue
from governance.db.work_queue import STANDING
from governance.domain.lifecycle import Type
from governance.fulfilment import erasure, standing
from governance.fulfilment import export as exporting
from governance.requests.progress import (
    JointStep,
    ManyStep,
    Step,
    Taken,
    attempt,
    attempt_each,
    attempt_many,
    begin,
    begin_all,
    trying,
)
from governance.requests.retries import fail_all

RECORDED = {"write_tombstones": "bury", "verify_erased": "look_again"}
"""Steps whose functions were renamed: the queue of a home, also of an earlier version, has their first names."""

_running: set[str] = set()


@DBOS.workflow(name=Type.EXPORT.value)
def export(request_id: str) -> None:
    with _in_hand(Type.EXPORT.value, begin, request_id) as taken:
        _each(taken, exporting.STEPS)


@DBOS.workflow(name=Type.ERASURE.value)
def erase(request_id: str) -> None:
    with _in_hand(Type.ERASURE.value, begin_all, request_id) as taken:
        if taken and _together(taken, erasure.TOGETHER):
            _each_at_once(taken, erasure.EACH)


@DBOS.workflow(name=STANDING)
def stand(request_id: str) -> None:
    with _in_hand(STANDING, begin, request_id) as taken:
        _each(taken, standing.STEPS)


def recorded_name(step: JointStep) -> str:
    """The name of a step in the queue. A workflow is continued only if its steps have the names they began with."""
    return RECORDED.get(step.__name__, step.__name__)


def running() -> set[str]:
    """The workflows that this process is running."""
    return set(_running)


@contextmanager
def _in_hand(name: str, begins: Callable[[UUID, str], Taken], request_id: str) -> Iterator[Taken]:
    workflow = DBOS.workflow_id
    assert workflow is not None
    _running.add(workflow)
    try:
        with tracing.work(name) as span:
            taken = DBOS.run_step({"name": "begin"}, trying, begins, UUID(request_id), workflow)
            span.note(tracing.Fact.REQUESTS, len(taken))
            if tracing.is_on():
                span.follows(work_queue.askers([request_id for request_id, _ in taken]))
            yield taken
    finally:
        _running.discard(workflow)


def _together(taken: Taken, steps: Sequence[JointStep]) -> bool:
    """Whether all steps succeeded."""
    ids = [UUID(request_id) for request_id, _ in taken]
    for step in steps:
        failure = DBOS.run_step({"name": recorded_name(step)}, attempt, step, ids)
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail_all, taken, failure)
            return False
    return True


def _each(taken: Taken, steps: Sequence[Step]) -> None:
    for request_id, attempts in taken:
        failure = DBOS.run_step({"name": "each"}, attempt_each, steps, UUID(request_id))
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail_all, [(request_id, attempts)], failure)


def _each_at_once(taken: Taken, steps: Sequence[ManyStep]) -> None:
    """`_each`, with each step for all requests at once. The queue records it for one request after another, as it
    always did. A workflow that is continued runs the steps again for those that it still has."""
    assert DBOS.workflow_id is not None
    failures = attempt_many(steps, [UUID(request_id) for request_id, _ in taken], DBOS.workflow_id)
    for request_id, attempts in taken:
        failure = DBOS.run_step({"name": "each"}, failures.get, UUID(request_id))
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail_all, [(request_id, attempts)], failure)
