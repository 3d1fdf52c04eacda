"""Requests that controllers send us for people: checked, stored, followed, withdrawn, delivered.

Each becomes an ordinary request of that person, who sees it, and who sent it, on their own page. The controller is
responsible for knowing that the person wants it; we verify the controller's signature.

A body that was sent to another company must have no effect here. So a request must say that it is for us: through the
signature of the call, or in its signed body, through `extensions` that name us. A controller whose system can do
neither may be listed with `unaddressed_requests`; then a body counts for a day after it was submitted, and may have
been meant for another company.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory import Employee
from directory.keys import Job, Why
from governance import receipts
from governance.db import work_queue
from governance.db.database import export_file, reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from governance.export import SealedFileError, SealedReader, open_export
from governance.opendsr import identities, partners
from governance.opendsr.errors import BadRequest
from governance.opendsr.messages import (
    Cancelled,
    Discovery,
    ErrorDetail,
    Extension,
    IdentityType,
    Received,
    Status,
    SubjectRequest,
)
from governance.opendsr.partners import Controller
from governance.opendsr.signing import own_domain, own_url
from governance.opendsr.statuses import STATUSES, status_of
from governance.requests import filing
from governance.requests.controller_tables import CallbackRow, ControllerRequestRow

UNADDRESSED = timedelta(days=1)
TYPES: dict[str, Type] = {"access": Type.EXPORT, "portability": Type.EXPORT, "erasure": Type.ERASURE}


def discovery() -> Discovery:
    """What we support: every kind of identity that some controller may use. Raises InvalidPartners."""
    kinds = {kind for controller in partners.load().controllers.values() for kind in controller.identities}
    pairs = [kind.partition("/") for kind in sorted(kinds or {"controller_customer_id/raw"})]
    return Discovery(
        api_version="2.0",
        supported_identities=[IdentityType(identity_type=kind, identity_format=form) for kind, _, form in pairs],
        supported_subject_request_types=["access", "portability", "erasure"],
        processor_certificate=f"{own_url()}/certificate.pem",
    )


def receive(controller: Controller, body: bytes, *, bound: bool) -> Received:
    """Store a request; repeating it returns the same answer. `bound`: it is signed that it is for us, just now.

    Raises BadRequest.
    """
    new = _parse(body)
    scope = _scope(new)
    addressed = bound or own_domain() in new.extensions
    if not addressed and not controller.unaddressed_requests:
        message = (
            f"Nothing signed says that this request is for us. Name {own_domain()} in `extensions`, or sign the call."
        )
        raise BadRequest(message, _fault("extensions", "not_addressed", message))
    for url in new.status_callback_urls:
        if not controller.may_be_called_at(url):
            raise BadRequest(
                "We don't call this address.",
                _fault("status_callback_urls", "not_allowed", "Not on our list."),
            )
    try:
        employee = identities.person_of(controller, new.subject_identities)
    except identities.NotSupported as error:
        raise BadRequest(str(error), _fault("subject_identities", "not_supported", str(error))) from error
    except identities.NotFound as error:
        raise BadRequest(str(error), _fault("subject_identities", "not_found", str(error))) from error
    with writing() as session:
        row = _known(session, controller, UUID(new.subject_request_id))
        if row is None:
            if not addressed and abs(clock.now() - new.submitted_time) > UNADDRESSED:
                message = "This request was submitted on another day, and no signed part says that it is for us."
                raise BadRequest(message, _fault("submitted_time", "not_now", message))
            row = _file(session, controller, employee, new, scope)
        elif not _same(row, employee, new, scope):
            message = "This subject_request_id was used for another request. Nothing was changed; use a new one."
            raise BadRequest(message, _fault("subject_request_id", "already_used", message))
        request_id, kind = row.request_id, Type(row.request.type)
        received, expected = row.received_at, row.expected_at
        waits = row.request.awaits_decision
    if not waits:
        work_queue.enqueue(request_id, kind)
    return Received(
        controller_id=controller.controller_id,
        expected_completion_time=expected,
        received_time=received,
        encoded_request=base64.b64encode(body).decode(),
        subject_request_id=new.subject_request_id,
    )


def status(controller: Controller, subject_request_id: str) -> Status:
    """Raises BadRequest."""
    with reading() as session:
        return status_of(controller, _asked(session, controller, subject_request_id))


def cancel(controller: Controller, subject_request_id: str) -> Cancelled:
    """Withdraw a request while it is pending; doing so again changes nothing. Raises BadRequest."""
    with writing() as session:
        row = _asked(session, controller, subject_request_id)
        request = row.request
        if request.state != State.WITHDRAWN:
            if STATUSES[State(request.state)] != "pending":
                message = "Work on this request has begun, or it has ended. It can no longer be cancelled."
                raise BadRequest(message, _fault("request_status", "not_pending", message))
            filing.move(request, State.WITHDRAWN, f"{controller.domain} withdrew this request.")
            request.completed_at = clock.now_utc()
            request.awaits_decision = False
            receipts.issue(request)
        return Cancelled(
            controller_id=controller.controller_id,
            subject_request_id=str(row.subject_request_id),
            received_time=request.completed_at or clock.now_utc(),
        )


@dataclass(frozen=True)
class Results:
    """The opened file of a completed access request. Close the reader."""

    reader: SealedReader
    size: int
    sha256: str


def results(controller: Controller, subject_request_id: str) -> Results:
    """The file for a controller, after the person's access log records the delivery. Raises BadRequest."""
    message = "This request has no results, or they are no longer available."
    gone = BadRequest(message, _fault("results_url", "not_available", message))
    with reading() as session:
        request = _asked(session, controller, subject_request_id).request
        export = request.export
    if export is None or export.deleted_at is not None or clock.now_utc() >= export.expires_at:
        raise gone
    try:
        file = export_file(request.id)
        if not file.exists():
            raise gone
        reader = open_export(file, request.subject, request.id, _job(controller, request))
    except (FileNotFoundError, SealedFileError) as error:
        raise gone from error
    try:
        with writing() as session:
            filing.note(session.get_one(RequestRow, request.id), f"{controller.domain} fetched this export.")
    except BaseException:
        reader.close()
        raise
    return Results(reader, export.size, export.sha256)


def _job(controller: Controller, request: RequestRow) -> Job:
    """For the entry in the person's access log; the request's history says which company it was."""
    return Job(
        uuid4(),
        role="controller",
        actor=uuid5(NAMESPACE_DNS, controller.domain),
        why=Why.ACCESS_REQUEST,
        what="captures",
        rows=((request.outcome or {}).get("exported") or {}).get("exported", 0),
    )


def _parse(body: bytes) -> SubjectRequest:
    try:
        return SubjectRequest.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON.", _fault("body", "not_json", "It can't be read.")) from error
    except ValidationError as error:
        raise BadRequest("This is not an OpenDSR request; see `errors`.", *faults_of(error)) from error


def _scope(new: SubjectRequest) -> RequestScope:
    """Which captures it is about: all, unless the extension for us restricts it. Raises BadRequest."""
    if not new.extensions:
        return RequestScope()
    if own_domain() not in new.extensions:
        message = f"The extensions of this request are for others; we are {own_domain()}."
        raise BadRequest(message, _fault("extensions", "not_for_us", message))
    try:
        extension = Extension.model_validate(new.extensions[own_domain()])
    except ValidationError as error:
        raise BadRequest("The extension for us can't be used; see `errors`.", *faults_of(error)) from error
    return extension.scope or RequestScope()


def _file(
    session: Session, controller: Controller, employee: Employee, new: SubjectRequest, scope: RequestScope
) -> ControllerRequestRow:
    kind = TYPES[new.subject_request_type]
    words = f"{controller.domain} requested this on your behalf, over OpenDSR."
    request = filing.put(session, uuid4(), employee, kind, scope, new.regulation, words)
    row = ControllerRequestRow(
        request_id=request.id,
        controller=controller.domain,
        subject_request_id=UUID(new.subject_request_id),
        subject_request_type=new.subject_request_type,
        regulation=new.regulation,
        submitted_at=clock.naive(new.submitted_time),
        received_at=request.received_at,
        expected_at=request.due_at,
        callback_urls=new.status_callback_urls,
    )
    row.callbacks = [CallbackRow(url=url) for url in dict.fromkeys(new.status_callback_urls)]
    row.request = request
    session.add(row)
    session.flush()
    return row


def _same(row: ControllerRequestRow, employee: Employee, new: SubjectRequest, scope: RequestScope) -> bool:
    request: RequestRow = row.request
    return (
        request.subject == employee.subject
        and row.subject_request_type == new.subject_request_type
        and row.regulation == new.regulation
        and row.submitted_at == clock.naive(new.submitted_time)
        and row.callback_urls == new.status_callback_urls
        and request.scope == _json(scope)
    )


def _known(session: Session, controller: Controller, subject_request_id: UUID) -> ControllerRequestRow | None:
    return session.scalar(
        select(ControllerRequestRow).where(
            ControllerRequestRow.controller == controller.domain,
            ControllerRequestRow.subject_request_id == subject_request_id,
        )
    )


def _asked(session: Session, controller: Controller, subject_request_id: str) -> ControllerRequestRow:
    """Raises BadRequest: another controller's request is reported as not found."""
    try:
        row = _known(session, controller, UUID(subject_request_id))
    except ValueError:
        row = None
    if row is None:
        message = "You have no such request."
        raise BadRequest(message, _fault("subject_request_id", "not_found", message))
    return row


def faults_of(error: ValidationError) -> list[ErrorDetail]:
    """Where and why, without the values sent."""
    return [
        _fault(".".join(map(str, fault["loc"])) or "body", fault["type"], fault["msg"].removeprefix("Value error, "))
        for fault in error.errors(include_input=False, include_url=False)
    ]


def _fault(domain: str, reason: str, message: str) -> ErrorDetail:
    return ErrorDetail(domain=domain, reason=reason, message=message)


def _json(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True)
