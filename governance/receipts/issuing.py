"""Issuing, fetching and destroying receipts.

A receipt is stored once, when its request ends, as the statement of a ledger entry and a signature over it. The proof
that the ledger contains it is added when it is fetched, because the ledger keeps growing; a receipt that is fetched
before its batch says from when it will be there. If work on a request resumes
after its end, it gets another receipt, with the next number.

After its time a receipt is destroyed: the statement, its signature, and the salt, without which the commitment that
stays in the ledger can no longer be linked to any statement.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

import clock
from errors import Gone, NotFound
from governance.db import database
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.moments import parse_moment
from governance.ledger import append, batches, log, trusted_time
from governance.ledger.signing import Signer, signer
from governance.ledger.tables import EntryRow, ReceiptRow
from governance.receipts import statement
from governance.receipts.acknowledging import note_hashes
from languages import mark
from languages.saying import Said, from_json, say
from settings import settings
from verifier import RECEIPT, TLOG_PROOF, canonical, message


class NoReceipt(NotFound, LookupError):
    """This person has no such receipt."""


class ReceiptDestroyed(Gone, LookupError):
    """There was such a receipt; it has expired."""


def issue(*rows: RequestRow) -> None:
    """Issue the receipts of requests, in this order; call it right after they ended, in the same transaction."""
    session = _session(rows[0])
    of_requests = ReceiptRow.request_id.in_([row.id for row in rows])
    newest = select(ReceiptRow.request_id, func.max(ReceiptRow.number)).where(of_requests)
    numbers = dict(session.execute(newest.group_by(ReceiptRow.request_id)).all())
    notes, signing = note_hashes(session, [row.id for row in rows]), signer()
    session.add_all(
        [_receipt(session, row, numbers.get(row.id, 0) + 1, notes.get(row.id), signing) for row in rows],
    )


def _receipt(session: Session, row: RequestRow, number: int, note_sha256: str | None, signing: Signer) -> ReceiptRow:
    kept_until = clock.now_utc() + timedelta(days=settings().receipt_days)
    described = statement.describe(row, number, kept_until, note_sha256)
    entry = append(session, "request_ended", described, whose=row.subject)
    return ReceiptRow(
        request_id=row.id,
        number=number,
        position=entry.position,
        issued_at=clock.naive(parse_moment(entry.statement["at"])),
        key=str(signing.key),
        signature=signing.sign(message(RECEIPT, entry.statement)),
        kept_until=kept_until,
    )


def issued(row: RequestRow) -> list[tuple[ReceiptRow, datetime | None]]:
    """The receipts of a request, oldest first, and from when the ledger has those that wait for their batch."""
    leaves = _of(row.id).add_columns(EntryRow.leaf).join(EntryRow, EntryRow.position == ReceiptRow.position)
    found = _session(row).execute(leaves)
    return [(receipt, batches.next_at() if leaf is None else None) for receipt, leaf in found]


def document(subject: UUID, request_id: UUID, number: int | None = None, since: int | None = None) -> dict[str, Any]:
    """A receipt in the verifier's format; the newest unless a number is given.

    It proves that the ledger continues the one of `since` entries, and the head that the person last verified. Raises
    NoReceipt, ReceiptDestroyed.
    """
    with reading() as session:
        own = _of(request_id).join(RequestRow).where(RequestRow.subject == subject)
        rows = session.scalars(own if number is None else own.where(ReceiptRow.number == number)).all()
        if not rows:
            raise NoReceipt(mark("You have no such receipt."))
        found = _document(session, rows[-1], *log.known_sizes(session, subject, since))
        if found is None:
            raise ReceiptDestroyed(
                say(
                    "This receipt was kept until {kept_until}, as it stated, and then destroyed.",
                    kept_until=rows[-1].kept_until.date(),
                )
            )
        return found


def said_of_models(subject: UUID, request_id: UUID) -> dict[str, Said]:
    """What the outcome's sentences about models were made of, by their text: so that they can be translated beside a
    receipt, which has the text alone. Empty for requests of versions that kept only that."""
    with reading() as session:
        own = select(RequestRow.outcome).where(RequestRow.id == request_id, RequestRow.subject == subject)
        outcome = session.scalar(own) or {}
    known = [from_json(entry["said"]) for entry in outcome.get("models") or () if entry.get("said")]
    return {str(said): said for said in known}


def tlog_proof(document: dict[str, Any]) -> str:
    """A receipt's place in the ledger as a C2SP tlog-proof; the extra data are the entry's salt and statement. Raises
    NotYetInLedger."""
    entry = document["ledger"]
    if entry is None:
        raise log.NotYetInLedger
    extra = bytes.fromhex(entry["salt"]) + canonical(document["statement"])
    proof = [base64.b64encode(bytes.fromhex(each)).decode() for each in entry["inclusion"]]
    lines = [TLOG_PROOF, f"extra {base64.b64encode(extra).decode()}", f"index {entry['index']}", *proof]
    return "\n".join(lines) + "\n\n" + str(entry["head"]["checkpoint"])


def documents(subject: UUID) -> list[dict[str, Any]]:
    """Every existing receipt of the person, by time of issue."""
    own = select(ReceiptRow).join(RequestRow).where(RequestRow.subject == subject).order_by(ReceiptRow.position)
    with reading() as session:
        since = log.known_sizes(session, subject)
        found = [_document(session, row, *since) for row in session.scalars(own)]
        return [each for each in found if each is not None]


def destroy(request_id: UUID, number: int) -> None:
    """Destroy a receipt for good; the ledger stays intact. Safe to repeat."""
    with writing() as session:
        _destroy(session, session.get_one(ReceiptRow, (request_id, number)))
    database.truncate_log()


def destroy_expired() -> int:
    """Destroy expired receipts; with the last one of a request, also everything that the ledger says about it."""
    due = select(ReceiptRow).where(ReceiptRow.destroyed_at.is_(None), ReceiptRow.kept_until <= clock.now_utc())
    with reading() as session:
        if session.scalar(due.limit(1)) is None:
            return 0
    if not trusted_time.allows("the end of receipts"):
        return 0
    with writing() as session:
        expired = session.scalars(due).all()
        for row in expired:
            _destroy(session, row)
        session.flush()
        for request_id in {row.request_id for row in expired}:
            if session.scalar(_of(request_id).where(ReceiptRow.destroyed_at.is_(None)).limit(1)) is None:
                log.destroy(session, request_id)
    database.truncate_log()
    return len(expired)


def _destroy(session: Session, row: ReceiptRow) -> None:
    entry = session.get_one(EntryRow, row.position)
    entry.salt = entry.statement = row.signature = None
    row.destroyed_at = row.destroyed_at or clock.now_utc()


def _document(session: Session, row: ReceiptRow, *since: int) -> dict[str, Any] | None:
    if row.signature is None or (signed := log.signed_entry(session, row.position, *since)) is None:
        return None
    stated, in_ledger = signed
    return {
        "format": RECEIPT,
        "statement": stated,
        "key": row.key,
        "signature": base64.b64encode(row.signature).decode(),
        **in_ledger,
    }


def _of(request_id: UUID) -> Any:
    return select(ReceiptRow).where(ReceiptRow.request_id == request_id).order_by(ReceiptRow.number)


def _session(row: RequestRow) -> Session:
    session = object_session(row)
    assert session is not None, "the row belongs to a session"
    return session
