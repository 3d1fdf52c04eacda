"""Receipts of a person's own requests, and the ledger heads they have verified."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from errors import Conflict
from governance import receipts, schemas
from governance.api.authentication import Person
from governance.api.edge.admission import AdmittingRoute
from governance.api.files import json_file
from governance.api.openapi import errors
from governance.db.database import reading, writing
from governance.ledger import log
from governance.receipts import acknowledging, page
from governance.requests import filing, notes
from languages import mark
from queries import Own

router = APIRouter(route_class=AdmittingRoute, tags=["receipts"])

LARGEST = 2**53 - 1
Number = Annotated[int | None, Query(ge=1, le=LARGEST, description="Which one; default: the newest.")]
Since = Annotated[
    int | None,
    Query(ge=0, le=LARGEST, description="The size of a checkpoint that you kept; the receipt continues it."),
]

DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ReceiptDocument, "description": "The receipt, in the verifier's format."}
}
ACKNOWLEDGEMENT: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.Acknowledgement, "description": "The acknowledgement, in the verifier's format."}
}
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "A C2SP tlog-proof.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The receipt as a page that loads and runs nothing.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}


@router.get("/requests/{request_id}/receipt", responses=DOCUMENT | errors(404, 409, 410, 422), response_class=Response)
def read_receipt(request_id: UUID, person: Person, number: Number = None, since: Since = None) -> Response:
    """What a request did: signed, with the proof that it is in the ledger. Keep it: it can be checked without us."""
    document = _document(person, request_id, number, since)
    return json_file(document, f"open-book-receipt-{request_id}-{document['statement']['number']}.json")


@router.get(
    "/requests/{request_id}/acknowledgement", responses=ACKNOWLEDGEMENT | errors(404, 410, 422), response_class=Response
)
def read_acknowledgement(request_id: UUID, person: Person) -> Response:
    """That you filed this request, when, and until when it must be answered: signed. You can have it from the moment
    you file it. Keep it."""
    salt = notes.salt_of(person.subject.key, request_id)
    document = acknowledging.document(person.subject.key, request_id, salt)
    return json_file(document, f"open-book-acknowledgement-{request_id}.json")


@router.get("/requests/{request_id}/receipt.html", responses=PAGE | errors(404, 409, 410, 422), response_class=Response)
def read_receipt_page(request_id: UUID, person: Person, number: Number = None) -> Response:
    """The same receipt as a page, to read and print."""
    document = _document(person, request_id, number, None)
    models = receipts.said_of_models(person.subject.key, request_id)
    content = page.render(document, person.employee.name, models)
    return HTMLResponse(content, headers={"Content-Security-Policy": page.POLICY})


@router.get(
    "/requests/{request_id}/receipt.tlog-proof", responses=TEXT | errors(404, 409, 410, 422), response_class=Response
)
def read_receipt_proof(request_id: UUID, person: Person, number: Number = None) -> Response:
    """The same receipt as a C2SP tlog-proof, which other people's programs read: statement, salt, place in the ledger,
    and the newest head. It has no proof of growth, and not the signature over the statement alone."""
    document = _document(person, request_id, number, None)
    name = f"open-book-receipt-{request_id}-{document['statement']['number']}.tlog-proof"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(receipts.tlog_proof(document), media_type="text/plain", headers=headers)


@router.get("/me/ledger")
def read_my_ledger(person: Person) -> schemas.MyLedger:
    """The ledger head that you last verified, and the proof that it has been append-only since."""
    with reading() as session:
        seen = log.seen(session, person.subject.key)
        checkpoint = log.checkpoint(session)
        proof = log.consistency(session, seen.size, checkpoint.size) if seen and seen.size <= checkpoint.size else []
        return schemas.MyLedger(
            seen=schemas.SeenHead(size=seen.size, root=seen.root.hex()) if seen else None,
            seen_at=seen.seen_at if seen else None,
            checkpoint=checkpoint.note,
            consistency=[value.hex() for value in proof],
        )


@router.put("/me/ledger", responses=errors(409, 422))
def remember_my_ledger(verified: schemas.SeenHead, person: Person) -> schemas.SeenHead:
    """Store the head that you have just verified, for your next visit. If you verified a later one before, that one is
    kept.
    """
    with writing() as session:
        row = log.remember_seen(session, person.subject.key, verified.size, bytes.fromhex(verified.root))
        return schemas.SeenHead(size=row.size, root=row.root.hex())


def _document(person: Own, request_id: UUID, number: int | None, since: int | None) -> dict[str, Any]:
    request = filing.one_of(person.subject.key, request_id)
    try:
        return receipts.document(person.subject.key, request_id, number, since)
    except receipts.NoReceipt as error:
        if request.completed_at is None:
            raise Conflict(mark("This request has not ended yet. Its receipt will be issued when it ends.")) from error
        raise
