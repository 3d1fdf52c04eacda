"""The acknowledgement of a request: a signed statement of what was asked, when, and until when it must be answered.

A person has it from the first second, so a request can't be lost, and can't be said to have come later. Its statement
is that of the request's first ledger entry. Until the entry's batch it says from when the ledger has it.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from errors import Gone, NotFound
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.ledger import log
from governance.ledger.signing import signer
from governance.ledger.tables import EntryRow
from languages import mark
from verifier import ACKNOWLEDGEMENT, message


class NoAcknowledgement(NotFound, LookupError):
    """This person has no such request."""


class AcknowledgementDestroyed(Gone, LookupError):
    """It was kept as long as the receipt of the request."""


NOTE = "note_sha256"
"""The field of the hash of a rectification's note."""


def note_hashes(session: Session, request_ids: Collection[UUID]) -> dict[UUID, str]:
    """The hashes of the notes that the acknowledgements of requests cover; absent for one that covers none."""
    of_requests = select(func.min(EntryRow.position)).where(EntryRow.request_id.in_(request_ids))
    first = of_requests.group_by(EntryRow.request_id)
    entries = session.scalars(select(EntryRow).where(EntryRow.position.in_(first))).all()
    held = {entry.request_id: log.statement_of(session, entry.position) for entry in entries}
    return {one: of[2][NOTE] for one, of in held.items() if one is not None and of is not None and NOTE in of[2]}


def document(subject: UUID, request_id: UUID, note_salt: str | None) -> dict[str, Any]:
    """The acknowledgement of a request of this person, in the verifier's format, with the salt of its note.

    Raises NoAcknowledgement, AcknowledgementDestroyed, HomeUnavailable.
    """
    first = (
        select(EntryRow.position)
        .join(RequestRow, RequestRow.id == EntryRow.request_id)
        .where(EntryRow.request_id == request_id, RequestRow.subject == subject)
        .order_by(EntryRow.position)
        .limit(1)
    )
    with reading() as session:
        position = session.scalar(first)
        if position is None:
            raise NoAcknowledgement(mark("You have no such request."))
        signed = log.signed_entry(session, position, *log.known_sizes(session, subject))
        if signed is None:
            raise AcknowledgementDestroyed(mark("This acknowledgement was kept as long as the receipt of the request."))
        statement, in_ledger = signed
        signing = signer()
        return {
            "format": ACKNOWLEDGEMENT,
            "statement": statement,
            "key": str(signing.key),
            "signature": base64.b64encode(signing.sign(message(ACKNOWLEDGEMENT, statement))).decode(),
            **in_ledger,
            **({} if note_salt is None or NOTE not in statement else {"note_salt": note_salt}),
        }
