"""A worker's part, played in the process of the test: the same steps, without the queue."""

from __future__ import annotations

from uuid import UUID

from governance import erasing, exporting, holding, standing_requests
from governance.database import reading
from governance.lifecycle import Type
from governance.models import RequestRow
from governance.work import begin


def carry_out(request_id: str | UUID) -> bool:
    """Work on a request to its end; False where there was nothing to do."""
    taken = UUID(str(request_id))
    if not begin(taken):
        return False
    with reading() as session:
        kind = Type(session.get_one(RequestRow, taken).type)
    for joint in erasing.TOGETHER if kind == Type.ERASURE else ():
        joint([taken])
    steps = {Type.ERASURE: erasing.EACH, Type.EXPORT: exporting.STEPS}.get(kind, standing_requests.STEPS)
    for step in steps:
        step(taken)
    return True


def look_after_rules() -> None:
    """What a worker sees to in its round: holds that were asked for, rules that were ended."""
    holding.carry_out_left()
    standing_requests.end_left()
