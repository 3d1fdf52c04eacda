"""`/opendsr/v2`: OpenDSR 2.0, for controllers that send us requests and processors that call us back.

Callers are identified by their signature (`governance.opendsr.signing`), which is checked before anything is read.
Every answer is signed, except the ZIP; the signed status contains its SHA-256.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.responses import Response

from governance.api.edge.admission import AdmittingRoute
from governance.api.edge.bodies import BodyRefused
from governance.api.openapi import errors
from governance.export import SealedReader
from governance.opendsr import partners, processor_status, serving, signing
from governance.opendsr.errors import BodyNotTaken, NotAccepted, signed, unusable
from governance.opendsr.messages import Cancelled, Discovery, Received, Status
from governance.opendsr.notifying import callback_url
from governance.opendsr.partners import Controller, Partners, Processor

router = APIRouter(route_class=AdmittingRoute, prefix="/opendsr/v2", tags=["opendsr"])

Checked = TypeVar("Checked")

SIGNED = {
    name: {"required": True, "schema": {"type": "string"}, "description": words}
    for name, words in ((signing.DOMAIN, "Who signed."), (signing.SIGNATURE, "Base64 of the signature of the body."))
}
SubjectRequestId = Annotated[str, Path(description="The id that the controller chose.")]


def _answers(status: int, words: str, *failures: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": words, "headers": SIGNED}, **errors(*failures, 500)}


def _body_of(name: str) -> dict[str, Any]:
    """The OpenAPI part for a route that reads its body raw; `governance.api.openapi` adds the schema."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The ZIP, streamed.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Repr-Digest": {"description": "SHA-256 of the file (RFC 9530).", "schema": {"type": "string"}},
        },
    }
}
STATUS = _answers(200, "The status of the request.", 400, 403, 503)
PEM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "PEM.",
        "content": {"application/x-pem-file": {"schema": {"type": "string"}}},
        "headers": SIGNED,
    }
}


async def _read_body(request: Request) -> bytes:
    try:
        return await request.body()
    except BodyRefused as error:
        raise BodyNotTaken(error.problem) from error


def _listed() -> Partners:
    try:
        return partners.load()
    except partners.InvalidPartners as error:
        raise unusable(error) from error


@contextmanager
def _our_part() -> Iterator[None]:
    """Answer that it is not the caller's fault if our own list or key can't be used."""
    try:
        yield
    except (partners.InvalidPartners, signing.UnusableKey) as error:
        raise unusable(error) from error


Domain = Annotated[str, Header(alias=signing.DOMAIN, description="Who signed.")]
Signature = Annotated[str, Header(alias=signing.SIGNATURE, description="Base64 of the signature.")]
Time = Annotated[str, Header(alias=signing.SIGNED_TIME, description="When it was signed, RFC 3339.")]
MessageTime = Annotated[str, Header(alias=signing.SIGNED_TIME, description="When the call was signed, RFC 3339.")]
CallSignature = Annotated[
    str,
    Header(alias=signing.CALL_SIGNATURE, description="Base64 of the signature of method, recipient, time and body."),
]


def _announced_controller(domain: Domain = "", signature: Signature = "") -> None:
    headers = {signing.DOMAIN: domain, signing.SIGNATURE: signature}
    _verified(lambda: signing.announced(headers, _listed().controllers))


def _announced_processor(domain: Domain = "", signature: Signature = "") -> None:
    headers = {signing.DOMAIN: domain, signing.SIGNATURE: signature}
    _verified(lambda: signing.announced(headers, _listed().processors))


async def _body_of_controller(request: Request, _: Annotated[None, Depends(_announced_controller)]) -> bytes:
    return await _read_body(request)


async def _body_of_processor(request: Request, _: Annotated[None, Depends(_announced_processor)]) -> bytes:
    return await _read_body(request)


ControllerBody = Annotated[bytes, Depends(_body_of_controller)]
ProcessorBody = Annotated[bytes, Depends(_body_of_processor)]


@dataclass(frozen=True)
class Posting:
    """Who posted a request; `bound`: they signed that it is addressed to us and recent."""

    controller: Controller
    bound: bool


def _posting_controller(
    request: Request,
    body: ControllerBody,
    domain: Domain = "",
    signature: Signature = "",
    time: MessageTime = "",
    call_signature: CallSignature = "",
) -> Posting:
    headers = _signed_headers(domain, signature, time, call_signature)
    target = _target(request)
    return Posting(
        *_verified(lambda: signing.verify_message(headers, request.method, target, body, _listed().controllers))
    )


def _calling_controller(
    request: Request, domain: Domain = "", signature: Signature = "", time: Time = ""
) -> Controller:
    headers = _signed_headers(domain, signature, time)
    return _verified(lambda: signing.verify_call(headers, request.method, _target(request), _listed().controllers))


def _posting_processor(
    request: Request,
    body: ProcessorBody,
    domain: Domain = "",
    signature: Signature = "",
    time: MessageTime = "",
    call_signature: CallSignature = "",
) -> Processor:
    headers = _signed_headers(domain, signature, time, call_signature)
    target = callback_url()
    return _verified(lambda: signing.verify_message(headers, request.method, target, body, _listed().processors)[0])


def _signed_headers(domain: str, signature: str, time: str, call_signature: str = "") -> dict[str, str]:
    return {
        signing.DOMAIN: domain,
        signing.SIGNATURE: signature,
        signing.SIGNED_TIME: time,
        signing.CALL_SIGNATURE: call_signature,
    }


def _target(request: Request) -> str:
    """What a call to us is signed for: our domain, the path, and the query as it was sent."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{signing.own_domain()}{request.url.path.partition(router.prefix)[2]}{query}"


def _verified(check: Callable[[], Checked]) -> Checked:
    try:
        return check()
    except signing.NotVerified as error:
        raise NotAccepted(str(error)) from error


def _signed(message: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return signed(message.model_dump_json(exclude_none=True).encode(), status, "application/json")


PostingController = Annotated[Posting, Depends(_posting_controller)]
CallingController = Annotated[Controller, Depends(_calling_controller)]
PostingProcessor = Annotated[Processor, Depends(_posting_processor)]


@router.get("/discovery", response_model=Discovery, responses=_answers(200, "What we support.", 503))
def discover() -> Response:
    """Which identities and requests we support, and where our certificate is."""
    with _our_part():
        return _signed(serving.discovery())


@router.get("/certificate.pem", response_class=Response, responses=PEM | errors(500, 503))
def certificate() -> Response:
    """The certificate that we sign with."""
    with _our_part():
        return signed(signing.own_certificate(), HTTPStatus.OK, "application/x-pem-file")


@router.post(
    "/requests",
    status_code=201,
    response_model=Received,
    responses=_answers(201, "It is on disk and will be processed.", 400, 403, 503),
    openapi_extra=_body_of("SubjectRequest"),
)
def receive(posting: PostingController, body: ControllerBody) -> Response:
    """Request access, portability or erasure for one person. Repeating the same request returns the same answer."""
    with _our_part():
        return _signed(serving.receive(posting.controller, body, bound=posting.bound), HTTPStatus.CREATED)


@router.get("/requests/{subject_request_id}", response_model=Status, responses=STATUS)
@router.get("/requests/{subject_request_id}/status", response_model=Status, responses=STATUS)
def read_status(controller: CallingController, subject_request_id: SubjectRequestId) -> Response:
    """The status of one of your requests."""
    with _our_part():
        return _signed(serving.status(controller, subject_request_id))


@router.delete(
    "/requests/{subject_request_id}",
    status_code=202,
    response_model=Cancelled,
    responses=_answers(202, "It was withdrawn.", 400, 403, 503),
)
def cancel(controller: CallingController, subject_request_id: SubjectRequestId) -> Response:
    """Withdraw one of your requests while it is pending."""
    with _our_part():
        return _signed(serving.cancel(controller, subject_request_id), HTTPStatus.ACCEPTED)


@router.get(
    "/requests/{subject_request_id}/results",
    response_class=StreamingResponse,
    responses=ZIP | errors(400, 403, 500, 503),
)
def read_results(controller: CallingController, subject_request_id: SubjectRequestId) -> StreamingResponse:
    """The ZIP of your completed access or portability request. The person sees that you received it."""
    with _our_part():
        results = serving.results(controller, subject_request_id)
    return StreamingResponse(
        _read(results.reader),
        media_type="application/zip",
        headers={
            "Content-Length": str(results.size),
            "Content-Disposition": f'attachment; filename="open-book-{subject_request_id}.zip"',
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(results.sha256)).decode()}:",
        },
    )


@router.post(
    "/callbacks",
    status_code=202,
    responses={202: {"description": "Received."}, **errors(400, 403, 500, 503)},
    response_class=Response,
    openapi_extra=_body_of("Callback"),
)
def receive_callback(processor: PostingProcessor, body: ProcessorBody) -> Response:
    """A processor reports the progress of an erasure that we sent it."""
    with _our_part():
        processor_status.receive_callback(processor, body)
        return Response(status_code=HTTPStatus.ACCEPTED)


def _read(reader: SealedReader) -> Iterator[bytes]:
    with reader:
        yield from reader.read()
