"""`/v1/requests`: filing a request, previewing it, following it, withdrawing it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from governance import schemas
from governance.api.authentication import Person, RecentSignIn
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.db import work_queue
from governance.domain.lifecycle import State, Type
from governance.logs import log_unexpected
from governance.receipts import acknowledging
from governance.requests import filing, notes, preview
from governance.schemas.paging import PAGED, Page
from parts import explained
from queries import Own

NOT_COUNTED = (
    "What this covers could not be counted when you filed it. Your request is still on record. Work on it starts "
    "as soon as your records can be read."
)

router = APIRouter(route_class=AdmittingRoute, prefix="/requests", tags=["requests"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="A value you choose; repeated within 24 hours with the same body, it returns the same request.",
    ),
]


@router.post("", status_code=201, responses=errors(409, 422))
def file_request(
    new: schemas.NewRequest,
    person: Person,
    require_recent_sign_in: RecentSignIn,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> schemas.FiledRequest:
    """File a request. When you get the answer, it is on disk and will be processed; the acknowledgement proves it. An
    erasure may need a recent sign-in (`OPENBOOK_STEP_UP_MINUTES`). With `wait_a_day` it starts at `starts_at`.
    """
    if new.type == Type.ERASURE:  # of a part, too: otherwise everything could be erased in parts
        require_recent_sign_in()
    filed = filing.file(person.employee, new, idempotency_key, *_previewed(person, new))
    if filed.request.state == State.RECEIVED and not new.wait_a_day:
        work_queue.enqueue(filed.request.id, filed.request.type)
    response.headers["Location"] = f"/v1/requests/{filed.request.id}"
    acknowledgement = _acknowledged(person, filed.request.id)
    return schemas.FiledRequest(**dict(filed.request), acknowledgement=acknowledgement)


@router.post("/preview", responses=errors(422))
def preview_request(new: schemas.NewPreview, person: Person) -> schemas.Preview:
    """What a request would do now. Changes nothing."""
    return preview.preview(person, new)


@router.get("", responses=PAGED | errors(422))
def list_requests(person: Person, page: Page) -> list[schemas.ListedRequest]:
    """Your requests, newest first, without their outcomes: read a single request for its outcome."""
    return filing.page_of(person.subject.key, page)


@router.get("/{request_id}", responses=errors(404, 422))
def read_request(request_id: UUID, person: Person) -> schemas.Request:
    """One request, with its history, deadline and outcome."""
    return filing.one_of(person.subject.key, request_id)


@router.put("/{request_id}/note-sharing", responses=errors(404, 409, 422))
def share_note(request_id: UUID, new: schemas.NoteSharing, person: Person) -> schemas.Request:
    """Let the privacy officer who decides read your note, or no longer; possible until it is decided. What they read
    before stays in your access log.
    """
    return filing.share_note(person.subject.key, request_id, new.shared)


@router.delete("/{request_id}", responses=errors(404, 409, 422))
def withdraw_request(request_id: UUID, person: Person) -> schemas.Request:
    """Withdraw a request before work on it has begun, or end the rule or note that it left in force. The request stays
    on record as withdrawn.
    """
    return filing.withdraw(person.subject.key, request_id)


def _acknowledged(person: Own, request_id: UUID) -> schemas.Acknowledgement | None:
    """The acknowledgement; None if it can't be signed, because the request is filed all the same."""
    try:
        salt = notes.salt_of(person.subject.key, request_id)
        return schemas.Acknowledgement.model_validate(acknowledging.document(person.subject.key, request_id, salt))
    except Exception as error:
        log_unexpected(error)
        return None


def _previewed(person: Own, new: schemas.NewRequest) -> tuple[schemas.Previewed | None, str | None]:
    """What it covers now; or that it could not be counted, which is no reason to refuse a request."""
    try:
        return preview.counts(person, new), None
    except Exception as error:
        if explained(error) is None:
            log_unexpected(error)
        return None, NOT_COUNTED
