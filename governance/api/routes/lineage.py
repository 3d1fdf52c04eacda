"""`/api/v1/lineage`: OpenLineage events, in the format of its HTTP transport. For pipelines, with a service token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from governance import schemas
from governance.api.authentication import service
from governance.api.edge.admission import AdmittingRoute
from governance.api.edge.bodies import LINEAGE
from governance.api.edge.gunzip import Gunzip, NotGzip
from governance.api.error_handlers import MOST_FAULTS, faults_of
from governance.api.openapi import SERVICE, errors
from governance.api.ownership import require_ownership
from governance.api.service_tokens import Scope, ServiceToken
from governance.lineage import openlineage
from governance.lineage.events import Event, Kind, Role
from governance.lineage.folding import fold_now
from governance.lineage.openlineage import repairs
from governance.lineage.openlineage.decoding import MOST_VALUES, Decoder, NotJson, TooManyValues
from governance.lineage.storing import store
from governance.schemas.problem import BadRequest, Fault, TooLarge, Unprocessable, UnsupportedMediaType

router = APIRouter(
    route_class=AdmittingRoute,
    prefix="/api/v1/lineage",
    tags=["pipelines"],
    responses=errors(422, *SERVICE),
)

LARGEST_BODY = LINEAGE.size
"""Bytes after decompression; the same limit applies to the body as sent."""
Writer = Annotated[ServiceToken, service(Scope.LINEAGE_WRITE)]
MOST_EVENTS = 500
NOTHING_KEPT = "Nothing was saved."


@dataclass(frozen=True)
class Decoded:
    """What counts of a body; `size` in bytes, decompressed."""

    value: Any
    size: int


class _Reading:
    """Reads a body as it arrives, in bounded memory. One that is too large is refused for that, whatever is in it."""

    def __init__(self, *, zipped: bool) -> None:
        self._unpacking = Gunzip() if zipped else None
        self._decoder: Decoder | None = Decoder()
        self._size = 0

    def take(self, part: bytes) -> None:
        """Raises TooLarge and BadRequest."""
        if self._unpacking is None:
            self._decode(part)
            return
        try:
            for each in self._unpacking.parts(part):
                self._decode(each)
        except NotGzip as error:
            raise BadRequest(f"{error} {NOTHING_KEPT}") from error

    def end(self) -> Decoded:
        """Raises BadRequest."""
        try:
            if self._unpacking is not None:
                self._unpacking.end()
        except NotGzip as error:
            raise BadRequest(f"{error} {NOTHING_KEPT}") from error
        try:
            if self._decoder is not None:
                return Decoded(self._decoder.finish(), self._size)
        except NotJson:
            pass
        raise BadRequest(f"The body is not JSON in UTF-8, or is nested too deep. {NOTHING_KEPT}")

    def _decode(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LARGEST_BODY:
            raise TooLarge(f"The body is larger than {LARGEST_BODY // 2**20} MiB. {NOTHING_KEPT}")
        try:
            if self._decoder is not None:
                self._decoder.feed(part)
        except NotJson:
            self._decoder = None
        except TooManyValues:
            raise TooLarge(f"The body has more than {MOST_VALUES:,} values that count. {NOTHING_KEPT}") from None


async def _decoded_body(request: Request, _: Writer) -> Decoded:
    """The body. The caller is authenticated before it is read."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType(f"The body's encoding is not supported; use gzip. {NOTHING_KEPT}")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(f"The body must be application/json. {NOTHING_KEPT}")
    reading = _Reading(zipped=encoding == "gzip")
    async for part in request.stream():
        await run_in_threadpool(reading.take, part)
    return reading.end()


Body = Annotated[Decoded, Depends(_decoded_body)]


def _body_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


ONE = {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in openlineage.EVENTS]}
MANY = {"type": "array", "items": ONE, "maxItems": MOST_EVENTS}


@router.post("", status_code=201, openapi_extra=_body_of(ONE))
def take_event(body: Body, token: Writer) -> schemas.LineageTaken:
    """Accept one RunEvent, DatasetEvent or JobEvent of OpenLineage 2. A 201 means it is on disk; sending the same event
    again changes nothing. Events may arrive in any order. Facets that are not needed are not stored. What can't be read
    is left out, and the answer says what.
    """
    return _take({"#/body": body.value}, token, body.size)


@router.post("/batch", status_code=201, openapi_extra=_body_of(MANY))
def take_events(body: Body, token: Writer) -> schemas.LineageTaken:
    """Accept several events: all of them, or none if one has no time, or is about a run without an id."""
    bodies = body.value
    if not isinstance(bodies, list):
        raise _not(f"a list of at most {MOST_EVENTS} events")
    if len(bodies) > MOST_EVENTS:
        raise _not(f"at most {MOST_EVENTS} events")
    return _take({f"#/body/{number}": one for number, one in enumerate(bodies)}, token, body.size)


def _parsed(body: Any, pointer: str, left_out: list[repairs.Fault]) -> Event:
    """`left_out` gets what could not be read."""
    if not isinstance(body, dict):
        raise _not("an event, which is an object", pointer)
    try:
        return openlineage.parse(body, left_out)
    except ValidationError as error:
        raise Unprocessable(
            f"This is not an acceptable OpenLineage event; see `errors`. {NOTHING_KEPT}",
            faults_of(error.errors(include_url=False, include_input=False), pointer),
        ) from error


def _take(bodies: Mapping[str, Any], token: ServiceToken, size: int) -> schemas.LineageTaken:
    """Take the events in these bodies, by their pointers."""
    left_out: dict[str, list[repairs.Fault]] = {pointer: [] for pointer in bodies}
    events = [_parsed(body, pointer, left_out[pointer]) for pointer, body in bodies.items()]
    parts = sum(len(faults) for faults in left_out.values())
    require_ownership(token, events)
    new = store(events, token.name, size)
    if new:
        fold_now()
    said = [_words(event) for event in events]
    if parts:
        said.append(
            f"{_count(parts, 'part')} could not be read and {'was' if parts == 1 else 'were'} left out; what a run may "
            "have read there counts as unknown."
        )
    return schemas.LineageTaken(
        events=len(events),
        new=new,
        said=said if len(events) == 1 else [],
        left_out=parts,
        parts_left_out=[each for pointer, faults in left_out.items() for each in faults_of(faults, pointer)][
            :MOST_FAULTS
        ],
    )


def _words(event: Event) -> str:
    """The outcome of an event, in words."""
    read = sum(item.role is Role.READ for item in event.items)
    made = sum(item.role is Role.MADE for item in event.items)
    if event.kind is Kind.JOB:
        if made:
            return f"What it says {_count(made, 'model')} {'was' if made == 1 else 'were'} made from was saved."
        return (
            "The job's purpose was saved; what a job reads counts once one of its runs reads it."
            if event.purpose
            else "Nothing was saved from a job without a declared purpose; its runs count."
        )
    if event.kind is Kind.DATASET:
        if made:
            return "What it says about the model was saved."
        return "Only the declared purpose is saved from an event about a dataset alone."
    reads, creates = _count(read, "dataset"), _count(made, "model")
    return f"The run was saved, with {reads} that it reads and {creates} that it creates."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _not(what: str, pointer: str = "#/body") -> Unprocessable:
    return Unprocessable(f"This can't be accepted. {NOTHING_KEPT}", [Fault(pointer=pointer, detail=f"must be {what}")])
