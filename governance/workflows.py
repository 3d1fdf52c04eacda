"""The durable workflows: what a worker does with a request, step by step.

DBOS writes down each step's result, so a worker that is killed goes on at the step where it was; that step
begins again, which is safe. A step that fails ends the workflow with the failure on the request, and a new
one begins when its time has come (`governance.worker`). Arguments and results are ids, words and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dbos import DBOS

from governance import erasing, exporting
from governance.lifecycle import Type
from governance.work import Step, attempt, fail, try_to_begin


@DBOS.workflow(name=Type.EXPORT.value)
def export(request_id: str) -> None:
    _work(UUID(request_id), exporting.STEPS)


@DBOS.workflow(name=Type.ERASURE.value)
def erase(request_id: str) -> None:
    _work(UUID(request_id), erasing.STEPS)


def _work(request_id: UUID, steps: Sequence[Step]) -> None:
    attempts = DBOS.run_step({"name": "begin"}, try_to_begin, request_id)
    if attempts is None:
        return
    for step in steps:
        failure = DBOS.run_step({"name": step.__name__}, attempt, step, request_id)
        if failure is not None:
            DBOS.run_step({"name": "fail"}, fail, request_id, failure, attempts)
            return
