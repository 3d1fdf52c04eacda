"""A worker's work in the test process: the same steps, without the queue."""

from __future__ import annotations

from uuid import UUID

from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import Type
from governance.fulfilment import erasure, export, standing
from governance.requests import holds
from governance.requests.progress import begin


def carry_out(request_id: str | UUID) -> bool:
    """Carry out a request; False if there was nothing to do."""
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


def maintain_rules() -> None:
    """What a worker does in its round: pending holds and ended rules."""
    holds.carry_out_pending()
    standing.end_pending_rules()
