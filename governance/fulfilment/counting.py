"""How many records the governance database and the directory have of people: one question a table, for any number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import home
from databases.by_person import count_by_person
from directory import consenting, pausing
from directory.models import open_engine
from governance.db.tables import AccessRow, ExportRow, HoldChangeRow, IdempotencyRow, RequestRow
from governance.ledger.tables import SeenRow
from governance.notifying import choices
from governance.opendsr.tables import ProcessorNoticeRow
from governance.recording import heartbeats, notices
from governance.saved_views import keeping as saved_views
from home import Part


@dataclass(frozen=True)
class Counted:
    """By person, how many records of each kind; 0 for whoever has none."""

    requests: Counter[UUID]
    accesses: Counter[UUID]
    hold_changes: Counter[UUID]
    processor_notices: Counter[UUID]
    exports: Counter[UUID]
    verified_heads: Counter[UUID]
    idempotency_keys: Counter[UUID]
    pauses: Counter[UUID]
    consents: Counter[UUID]
    notices_read: Counter[UUID]
    recorders: Counter[UUID]
    choices: Counter[UUID]
    views: Counter[UUID]


def count_of(session: Session, subjects: Collection[UUID]) -> Counted:
    """In a session of the governance database. Raises PartUnavailable."""

    def own(subject: InstrumentedAttribute[UUID]) -> Counter[UUID]:
        return count_by_person(session, subject, subjects)

    def of_requests(request_id: InstrumentedAttribute[UUID]) -> Counter[UUID]:
        theirs = select(RequestRow.subject, func.count()).where(RequestRow.id == request_id)
        counted = theirs.where(RequestRow.subject.in_(subjects)).group_by(RequestRow.subject)
        return Counter(dict(session.execute(counted).all()))

    home.require(Part.DIRECTORY)
    directory = open_engine(Part.DIRECTORY.path)
    return Counted(
        requests=own(RequestRow.subject),
        accesses=own(AccessRow.subject),
        hold_changes=own(HoldChangeRow.subject),
        processor_notices=of_requests(ProcessorNoticeRow.request_id),
        exports=of_requests(ExportRow.request_id),
        verified_heads=own(SeenRow.subject),
        idempotency_keys=own(IdempotencyRow.subject),
        pauses=pausing.count_of(directory, subjects),
        consents=consenting.count_of(directory, subjects),
        notices_read=notices.count_read(session, subjects),
        recorders=heartbeats.count_of(session, subjects),
        choices=choices.count_of(session, subjects),
        views=saved_views.count_of(session, subjects),
    )
