"""The acknowledgement of a request: a signed statement of what was asked, when, and until when it must be answered.

A person has it from the first second, so a request can't be lost, and can't be said to have come later. Its statement
is that of the request's first ledger entry. Until the entry's batch it says from when the ledger has it.
"""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from sqlalchemy import select
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


def note_hash(session: Session, request_id: UUID) -> str | None:
    """The hash of the note that the acknowledgement of a request covers; None: it covers none."""
    first = select(EntryRow.position).where(EntryRow.request_id == request_id).order_by(EntryRow.position).limit(1)
    position = session.scalar(first)
    held = None if position is None else log.statement_of(session, position)
    return None if held is None else held[2].get(NOTE)


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
