"""`/v1/requests/{id}/export`: the file of an export request, for its owner alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from governance import answers, requests
from governance.authentication import Person
from governance.export import SealedFileError, SealedReader, open_export
from governance.exporting import export_path
from governance.lifecycle import Type
from governance.openapi import errors
from governance.problem import Conflict, Gone, NotFound

router = APIRouter(prefix="/requests", tags=["requests"])

ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The ZIP, streamed.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Repr-Digest": {"description": "SHA-256 of the file (RFC 9530).", "schema": {"type": "string"}},
        },
    }
}


@router.get("/{request_id}/export", responses=ZIP | errors(404, 409, 410, 422), response_class=StreamingResponse)
def download_export(request_id: UUID, person: Person) -> StreamingResponse:
    """Download your export. It is opened as it is sent; the disk never holds it in clear."""
    subject = person.subject.key
    try:
        request = requests.one_of(subject, request_id)
    except requests.NoSuchRequest as error:
        raise NotFound(str(error)) from error
    export = _available(request)
    try:
        reader = open_export(export_path(request_id), subject, request_id)
    except (FileNotFoundError, SealedFileError) as error:
        raise Gone("This export can't be opened any more. File a new one.") from error
    return StreamingResponse(
        _read(reader),
        media_type="application/zip",
        headers={
            "Content-Length": str(export.size),
            "Content-Disposition": f'attachment; filename="open-book-export-{request_id}.zip"',
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:",
        },
    )


def _available(request: answers.Request) -> answers.Export:
    """Raises NotFound, Conflict, Gone."""
    if request.type != Type.EXPORT:
        raise NotFound("This request is not for an export.")
    if request.export is None:
        if request.state.final:
            raise NotFound("This request made no export.")
        raise Conflict("Your export is not ready yet. Follow the request; it says when it is.")
    if not request.export.available:
        raise Gone("This export was deleted; the history of the request says why. File a new one.")
    return request.export


def _read(reader: SealedReader) -> Iterator[bytes]:
    with reader:
        yield from reader.read()
