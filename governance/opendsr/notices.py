"""The stored notice of an erasure to each processor, and what the person sees of it on the request.

    unreachable ──> told ──> acknowledged ──> completed     it says that its copies are erased
      │            │                  └──> cancelled     it says that they are not
      │            └─────────────────────> not_known     it holds nothing about this person
      └──────────────────────────────────> not_told      it could only erase everything, and this asks for a part,
                                                         or this person has no identity that it knows

`told` means that it answered, but not with an acknowledgement that we can verify.
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
    """The state of a notice to one processor."""

    UNREACHABLE = "unreachable"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NOT_KNOWN = "not_known"
    NOT_TOLD = "not_told"


TO_BE_NOTIFIED = (NoticeState.UNREACHABLE, NoticeState.TOLD)

WORDS = {
    NoticeState.ACKNOWLEDGED: "{domain} was asked to erase its copies and acknowledged it.",
    NoticeState.COMPLETED: "{domain} says that its copies are erased.",
    NoticeState.CANCELLED: "{domain} says that it did not erase its copies, or not all of them.",
    NoticeState.NOT_KNOWN: "{domain} was asked to erase its copies and says that it holds nothing about you.",
    NoticeState.NOT_TOLD: "{domain} could not be notified: it can't distinguish these records, or you, from others.",
}
"""What the request's history says when a notice reaches a state."""


def prepare(request_id: UUID, domains: Collection[str]) -> list[ProcessorNoticeRow]:
    """The notices of an erasure to these processors, created if missing; an id is never created twice."""
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
    """Set the state of a notice, and record it in the request's history."""
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
