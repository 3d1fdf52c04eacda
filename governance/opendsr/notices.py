"""What each processor was told of an erasure, on disk; and what of it the person sees on the request.

    unreachable ──> told ──> acknowledged ──> completed     it says that its copies are gone
         │            │                  └──> cancelled     it says that they are not
         │            └─────────────────────> not_known     it holds nothing about this person
         └──────────────────────────────────> not_told      it could only erase everything, and this asks for a part,
                                                            or it knows people by something that this one has not

`told` is one that answered, but not with an acknowledgement that we can verify.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from governance.db.database import writing
from governance.db.tables import RequestRow
from governance.opendsr.tables import ProcessorNoticeRow
from governance.requests.filing import note


class NoticeState(StrEnum):
    """Where telling one processor stands."""

    UNREACHABLE = "unreachable"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NOT_KNOWN = "not_known"
    NOT_TOLD = "not_told"


TO_BE_TOLD = (NoticeState.UNREACHABLE, NoticeState.TOLD)

WORDS = {
    NoticeState.ACKNOWLEDGED: "{domain} was told to erase its copies, and acknowledged it.",
    NoticeState.COMPLETED: "{domain} says that its copies are erased.",
    NoticeState.CANCELLED: "{domain} says that it did not erase its copies, or not all of them.",
    NoticeState.NOT_KNOWN: "{domain} was told, and says that it holds nothing about you.",
    NoticeState.NOT_TOLD: "{domain} could not be told: it can't tell these captures, or you, from others.",
}
"""What the history of the request says when a processor comes to a state."""


def prepare(request_id: UUID, domains: Collection[str]) -> list[ProcessorNoticeRow]:
    """The notices of an erasure to these processors, made where there is none yet; an id is never made twice."""
    of_request = select(ProcessorNoticeRow).where(
        ProcessorNoticeRow.request_id == request_id, ProcessorNoticeRow.domain.in_(domains)
    )
    with writing() as session:
        there = {notice.domain for notice in session.scalars(of_request)}
        for domain in sorted(set(domains) - there):
            session.add(
                ProcessorNoticeRow(
                    subject_request_id=uuid4(),
                    request_id=request_id,
                    domain=domain,
                    state=NoticeState.UNREACHABLE,
                    changed_at=clock.now_utc(),
                )
            )
        session.flush()
        return list(session.scalars(of_request.order_by(ProcessorNoticeRow.domain)))


def change(session: Session, notice: ProcessorNoticeRow, state: NoticeState) -> None:
    """Bring a notice to a state, and let the request say so."""
    request = session.get_one(RequestRow, notice.request_id)
    if notice.state != state:
        notice.state, notice.changed_at = state, clock.now_utc()
        if state in WORDS:
            note(request, WORDS[state].format(domain=notice.domain))
    session.flush()
    of_request = select(ProcessorNoticeRow).where(ProcessorNoticeRow.request_id == request.id)
    request.outcome = {
        **(request.outcome or {}),
        "processors": [
            {"domain": one.domain, "state": one.state, "at": f"{one.changed_at.isoformat()}Z"}
            for one in session.scalars(of_request.order_by(ProcessorNoticeRow.domain))
        ],
    }
