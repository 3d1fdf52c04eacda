"""The durable workflows: what a worker does with requests, step by step.

DBOS writes down each step's result, so a worker that is killed goes on at the step where it was; that step
begins again, which is safe. A step that fails ends the work on its requests with the failure on them, and a new
workflow begins when its time has come (`governance.worker`). Arguments and results are ids, words and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from dbos import DBOS

from governance import erasing, exporting
from governance.lifecycle import Type
from governance.work import Step, Taken, attempt, attempt_each, begin, begin_all, fail_all, trying


@DBOS.workflow(name=Type.EXPORT.value)
def export(request_id: str) -> None:
    _each(_taken(begin, request_id), exporting.STEPS)


@DBOS.workflow(name=Type.ERASURE.value)
def erase(request_id: str) -> None:
    taken = _taken(begin_all, request_id)
    if not taken:
        return
    ids = [UUID(one) for one, _ in taken]
    for step in erasing.TOGETHER:
        failure = DBOS.run_step({"name": step.__name__}, attempt, step, ids)
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail_all, taken, failure)
            return
    _each(taken, erasing.EACH)


def _taken(begins: Callable[[UUID, str], Taken], request_id: str) -> Taken:
    assert DBOS.workflow_id is not None
    return DBOS.run_step({"name": "begin"}, trying, begins, UUID(request_id), DBOS.workflow_id)


def _each(taken: Taken, steps: Sequence[Step]) -> None:
    for request_id, attempts in taken:
        failure = DBOS.run_step({"name": "each"}, attempt_each, steps, UUID(request_id))
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail_all, [(request_id, attempts)], failure)
