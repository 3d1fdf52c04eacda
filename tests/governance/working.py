"""A worker's part, played in the process of the test: the same steps, without the queue."""

from __future__ import annotations

from uuid import UUID

from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import Type
from governance.fulfilment import erasure, export, standing
from governance.requests import holds
from governance.requests.progress import begin


def carry_out(request_id: str | UUID) -> bool:
    """Work on a request to its end; False where there was nothing to do."""
    taken = UUID(str(request_id))
    if not begin(taken):
        return False
    with reading() as session:
        kind = Type(session.get_one(RequestRow, taken).type)
    for joint in erasure.TOGETHER if kind == Type.ERASURE else ():
        joint([taken])
    steps = {Type.ERASURE: erasure.EACH, Type.EXPORT: export.STEPS}.get(kind, standing.STEPS)
    for step in steps:
        step(taken)
    return True


def look_after_rules() -> None:
    """What a worker sees to in its round: holds that were asked for, rules that were ended."""
    holds.carry_out_left()
    standing.end_left()
