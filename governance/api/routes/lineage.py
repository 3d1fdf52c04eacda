"""`/api/v1/lineage`: OpenLineage events, as its HTTP transport posts them. For pipelines, with a service token."""

from __future__ import annotations

import zlib
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from governance import schemas
from governance.api.authentication import service
from governance.api.edge.admission import AdmittingRoute
from governance.api.edge.bodies import LINEAGE
from governance.api.error_handlers import faults_of
from governance.api.openapi import SERVICE, errors
from governance.api.ownership import refuse_what_is_not_owned
from governance.api.service_tokens import Scope, ServiceToken
from governance.lineage import openlineage
from governance.lineage.events import Event, Kind, Role
from governance.lineage.folding import fold_now
from governance.lineage.storing import store
from governance.schemas.problem import BadRequest, Fault, TooLarge, Unprocessable, UnsupportedMediaType

router = APIRouter(
    route_class=AdmittingRoute,
    prefix="/api/v1/lineage",
    tags=["pipelines"],
    responses=errors(400, 415, 422, *SERVICE),
)

LARGEST_BODY = LINEAGE.size
"""Bytes once it is unpacked; as it is sent it may have as many."""
Writer = Annotated[ServiceToken, service(Scope.LINEAGE_WRITE)]
MOST_EVENTS = 500
NOTHING_KEPT = "Nothing of it was kept."
GZIP = 31
"""zlib's word for a gzip header."""


async def _raw_body(request: Request, _: Writer) -> bytes:
    """The body, unpacked. Who asks is known before it is read."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType(f"The body is encoded in a way that is not known here; use gzip. {NOTHING_KEPT}")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(f"The body must be application/json. {NOTHING_KEPT}")
    unpacking = zlib.decompressobj(GZIP) if encoding == "gzip" else None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += unpacking.decompress(chunk, LARGEST_BODY + 1 - len(body)) if unpacking else chunk
            if len(body) > LARGEST_BODY:
                raise TooLarge(f"The body is longer than {LARGEST_BODY // 2**20} MiB. {NOTHING_KEPT}")
    except zlib.error as error:
        raise BadRequest(f"The body says that it is gzip, and can't be unpacked. {NOTHING_KEPT}") from error
    if unpacking and not unpacking.eof:
        raise BadRequest(f"The body ends before its gzip does. {NOTHING_KEPT}")
    return bytes(body)


Body = Annotated[bytes, Depends(_raw_body)]


def _body_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


ONE = {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in openlineage.EVENTS]}
MANY = {"type": "array", "items": ONE, "maxItems": MOST_EVENTS}


@router.post("", status_code=201, openapi_extra=_body_of(ONE))
def take_event(body: Body, token: Writer) -> schemas.LineageTaken:
    """Take a RunEvent, DatasetEvent or JobEvent of OpenLineage 2. Once you have the 201 it is on disk; the same event
    again changes nothing. Events may come in any order. Facets that are not needed are not kept."""
    return _take([_parsed(_decoded(body), "#/body")], token, len(body))


@router.post("/batch", status_code=201, openapi_extra=_body_of(MANY))
def take_events(body: Body, token: Writer) -> schemas.LineageTaken:
    """Take several events: all, or none where one of them is at fault."""
    bodies = _decoded(body)
    if not isinstance(bodies, list):
        raise _not(f"a list of at most {MOST_EVENTS} events")
    if len(bodies) > MOST_EVENTS:
        raise _not(f"at most {MOST_EVENTS} events")
    return _take([_parsed(one, f"#/body/{number}") for number, one in enumerate(bodies)], token, len(body))


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON in UTF-8, or is nested too deep. {NOTHING_KEPT}") from error


def _parsed(body: Any, pointer: str) -> Event:
    if not isinstance(body, dict):
        raise _not("an event, which is an object", pointer)
    try:
        return openlineage.parse(body)
    except ValidationError as error:
        raise Unprocessable(
            f"This is no OpenLineage event that can be taken; `errors` says why. {NOTHING_KEPT}",
            faults_of(error.errors(include_url=False, include_input=False), pointer),
        ) from error


def _take(events: list[Event], token: ServiceToken, size: int) -> schemas.LineageTaken:
    refuse_what_is_not_owned(token, events)
    new = store(events, token.name, size)
    if new:
        fold_now()
    return schemas.LineageTaken(
        events=len(events), new=new, said=[_words(event) for event in events] if len(events) == 1 else []
    )


def _words(event: Event) -> str:
    """What became of an event."""
    if event.kind is Kind.JOB:
        return (
            "The purpose of the job was kept; what a job reads counts when one of its runs reads it."
            if event.purpose
            else "A job without a declared purpose says nothing that is kept; its runs do."
        )
    if event.kind is Kind.DATASET:
        models = [item for item in event.items if item.role is Role.MADE]
        return "What it says of the model was kept." if models else "Of a dataset alone, its declared purpose is kept."
    read = sum(item.role is Role.READ for item in event.items)
    made = sum(item.role is Role.MADE for item in event.items)
    return f"The run was kept, with {read} datasets that it reads and {made} models that it makes."


def _not(what: str, pointer: str = "#/body") -> Unprocessable:
    return Unprocessable(f"This can't be taken. {NOTHING_KEPT}", [Fault(pointer=pointer, detail=f"must be {what}")])
