"""`/v1/requests/{id}/export`: the file of an export request, for its owner only.

An interrupted download can be resumed: `Range` names the missing bytes; `If-Range` with the `ETag` (the SHA-256 of the
file) makes sure that they come from the same file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from directory.access_tokens import Subject
from errors import Conflict, Gone, NotFound
from governance import schemas
from governance.api.authentication import RECENTLY, Person
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.db.database import export_file
from governance.domain.lifecycle import Type
from governance.export import KEPT, SealedFileError, SealedReader, open_export
from governance.export.byte_range import Unsatisfiable, asked_for
from governance.requests import filing
from languages import mark
from languages.saying import Said, moment, say, sentences

router = APIRouter(route_class=AdmittingRoute, prefix="/requests", tags=["requests"])

AGAIN = mark("Request a new export; it will contain what is held then.")

_TEXT = {"schema": {"type": "string"}}
_HEADERS = {
    "Repr-Digest": {"description": "SHA-256 of the whole file (RFC 9530).", **_TEXT},
    "ETag": {"description": "The same in hexadecimal, for `If-Range`.", **_TEXT},
    "Accept-Ranges": {"description": "`bytes`", **_TEXT},
    "Sunset": {"description": "When the file is deleted (RFC 8594).", **_TEXT},
}
_BYTES = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The ZIP, streamed.", "content": _BYTES, "headers": _HEADERS},
    206: {
        "description": "The requested range.",
        "content": _BYTES,
        "headers": {**_HEADERS, "Content-Range": {"description": "Which bytes, and the total size.", **_TEXT}},
    },
}


@router.get(
    "/{request_id}/export",
    responses=ZIP | errors(404, 409, 410, 416, 422),
    response_class=StreamingResponse,
    dependencies=[RECENTLY],
)
def download_export(
    request_id: UUID,
    person: Person,
    range_: Annotated[
        str | None, Header(alias="Range", description="One range of bytes; anything else gets the whole file.")
    ] = None,
    if_range: Annotated[
        str | None, Header(alias="If-Range", description="The `ETag` of the file that the range belongs to.")
    ] = None,
) -> StreamingResponse:
    """Download your export, or resume a download. It is decrypted while it is sent; it is never on disk in clear. It
    may need a recent sign-in (`OPENBOOK_STEP_UP_MINUTES`).
    """
    export, reader = _opened(request_id, person.subject)
    headers = _headers(request_id, export)
    try:
        wanted = asked_for(range_, if_range, headers["ETag"], reader.size)
    except Unsatisfiable:
        reader.close()
        raise
    start, stop = wanted or (0, reader.size)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{reader.size}"
    headers["Content-Length"] = str(stop - start)
    status = 206 if wanted else 200
    return StreamingResponse(_read(reader, start, stop), status, headers, media_type="application/zip")


@router.head("/{request_id}/export", include_in_schema=False, dependencies=[RECENTLY])
def describe_export(request_id: UUID, person: Person) -> Response:
    """The headers that `GET` answers with for the whole file, without the file."""
    export, reader = _opened(request_id, person.subject)
    reader.close()
    headers = {**_headers(request_id, export), "Content-Length": str(reader.size)}
    return Response(None, 200, headers, media_type="application/zip")


def _opened(request_id: UUID, subject: Subject) -> tuple[schemas.Export, SealedReader]:
    """Raises NoSuchRequest, NotFound, Conflict, Gone."""
    export = _available(filing.one_of(subject.key, request_id))
    try:
        return export, open_export(export_file(request_id), subject.key, request_id, subject.reader)
    except (FileNotFoundError, SealedFileError) as error:
        raise Gone(sentences(mark("This export can no longer be opened."), AGAIN)) from error


def _available(request: schemas.Request) -> schemas.Export:
    """Raises NotFound, Conflict, Gone."""
    if request.type != Type.EXPORT:
        raise NotFound(mark("This request is not for an export."))
    if request.export is None:
        if request.state.final:
            raise NotFound(mark("This request produced no export."))
        raise Conflict(mark("Your export is not ready yet. The request shows when it is."))
    if not request.export.available:
        raise Gone(sentences(_end(request.export), AGAIN))
    return request.export


def _end(export: schemas.Export) -> Said:
    """When a file was deleted or lost, and why."""
    assert export.removed_at is not None, "it is gone"
    at = moment(export.removed_at)
    match export.removed_because:
        case "restore":
            return say(
                "This export was lost on {at}: our system was restored from a backup, and backups contain no exports.",
                at=at,
            )
        case "erasure":
            return say("This export was deleted on {at}, because some of your records were erased.", at=at)
    return say("This export was deleted on {at}, after {n} days.", at=at, n=KEPT.days)


def _headers(request_id: UUID, export: schemas.Export) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="open-book-export-{request_id}.zip"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:",
        "ETag": f'"{export.sha256}"',
        "Accept-Ranges": "bytes",
        "Sunset": format_datetime(export.expires_at.astimezone(UTC), usegmt=True),
    }


def _read(reader: SealedReader, start: int, stop: int) -> Iterator[bytes]:
    with reader:
        yield from reader.read(start, stop)
