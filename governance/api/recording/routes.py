"""`/v1/me/recording`, `/v1/me/pause`, `/v1/me/recorders`: the person pauses, and sees which recorders run.
`/v1/capture-control`: recorders ask what they may record, and say whether they do.

A recorder names the person in the query, because paths are in the logs and queries aren't.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response

from directory import Directory, Employee, UnknownEmployee
from errors import NotFound, NotValid
from governance import schemas
from governance.api.authentication import Person, service
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import SERVICE, errors
from governance.api.service_tokens import Scope, ServiceToken
from governance.recording import consenting, control, heartbeats, pausing, set_hours
from governance.recording import notices as told
from governance.schemas.paging import PAGED, Page
from governance.schemas.recording import DEVICE
from languages import mark

router = APIRouter(route_class=AdmittingRoute, prefix="/me", tags=["me"])
recorders = APIRouter(route_class=AdmittingRoute, prefix="/v1/capture-control", tags=["pipelines"])
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing has changed."}}
Recorder = Annotated[ServiceToken, service(Scope.CAPTURE_CONTROL)]
Reporting = Annotated[ServiceToken, service(Scope.RECORDERS_REPORT)]
Sub = Annotated[str | None, Query(max_length=200, description="The person's id at the identity provider.")]
IfNoneMatch = Annotated[str | None, Header(max_length=200)]
Email = Annotated[str | None, Query(max_length=320, description="Or their address.")]


@router.get("/recording")
def recording(person: Person) -> schemas.Recording:
    """Whether you paused the recording of your work, until when, and your pauses so far."""
    return pausing.state_of(person.employee)


@router.put("/pause", responses=errors(422, 429))
def pause(new: schemas.NewPause, person: Person) -> schemas.Recording:
    """Pause the recording of your work, or change when the pause ends. What is dated in it is never stored, whatever
    the recorder does. Refused (403) if your employer's settings allow no pauses.
    """
    return pausing.start(person.employee, new)


@router.delete("/pause")
def resume(person: Person) -> schemas.Recording:
    """End the pause. What is dated in it is still not stored. Set hours stay: they end by setting others."""
    return pausing.end(person.employee)


@router.put("/pause/hours", responses=errors(415, 422, 429))
def set_pause_hours(new: schemas.NewPauseHours, person: Person) -> schemas.Recording:
    """Pause in hours that come again every week, such as every Friday from 12:00 to 13:00, by the clocks of your time
    zone. What is dated in them is never stored, whatever the recorder does. The list replaces the one before; an empty
    one ends them. Refused (403) if your employer's settings allow no set hours.
    """
    set_hours.change(person.employee, new)
    return pausing.state_of(person.employee)


@router.get("/recorders")
def my_recorders(person: Person) -> schemas.Recorders:
    """Which recorders say that they run for you, by what each last said. One that doesn't report isn't listed, except
    as `unreported` if records came by its connector in the last 7 days.
    """
    return heartbeats.recorders_of(person)


@router.get("/notices", responses=PAGED | errors(422))
def notices(person: Person, page: Page) -> list[schemas.Notice]:
    """What you were told about capture policies, the newest first, and what you said that you read."""
    return page.of(told.all_for(person.subject.key))


@router.put("/notices/{notice}/acknowledgement", responses=errors(404, 409, 415, 422))
def acknowledge(notice: UUID, read: schemas.NoticeRead, person: Person) -> schemas.Notice:
    """Say that you read a notice. It has no other effect. The ledger keeps when, and the hash of the text."""
    return told.acknowledge(person.subject.key, notice, read.sha256)


@router.put("/notices/{notice}/consent", responses=errors(404, 409, 415, 422, 429))
def consent(notice: UUID, read: schemas.NoticeRead, person: Person) -> schemas.Notice:
    """Consent to what a notice says, if its policy rests on consent. What is dated earlier is not stored. It also
    covers training on records that are stored under the policy already.
    """
    return consenting.give(person.subject.key, notice, read.sha256)


@router.delete("/notices/{notice}/consent", responses=errors(404))
def withdraw(notice: UUID, person: Person) -> schemas.Notice:
    """Withdraw your consent to the policy of a notice, at any time. From then on nothing is stored under it, also of
    what was recorded before, and no new dataset has records of yours under it. What is stored stays until you have
    it erased.
    """
    return consenting.withdraw(person.subject.key, notice)


@recorders.get(
    "",
    responses=UNCHANGED | errors(404, 422, *SERVICE),
    response_model=schemas.CaptureControl,
)
def capture_control(
    _: Recorder,
    response: Response,
    sub: Sub = None,
    email: Email = None,
    if_none_match: IfNoneMatch = None,
) -> schemas.CaptureControl | Response:
    """What may be recorded of a person now: ask again after `poll_seconds`, with the `ETag` of the last answer."""
    return _controlled(_person(sub, email), response, if_none_match)


@recorders.get(
    "/{device}",
    responses=UNCHANGED | errors(404, 409, 422, *SERVICE),
    response_model=schemas.CaptureControl,
)
def device_control(
    token: Recorder,
    device: Annotated[str, Path(pattern=DEVICE, description="As this token reports it by its heartbeats.")],
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> schemas.CaptureControl | Response:
    """The same for a recorder that knows only its device: of the person for whom the same token reported it last. 404
    if it reported it for nobody, 409 if for several people just now.
    """
    return _controlled(heartbeats.person_at(token.name, device), response, if_none_match)


def _controlled(person: Employee, response: Response, if_none_match: str | None) -> schemas.CaptureControl | Response:
    found = control.control_of(person)
    tag = f'"{hashlib.sha256(found.model_dump_json().encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return found


@recorders.put("/heartbeat", responses=errors(404, 409, 415, 422, *SERVICE))
def heartbeat(
    token: Reporting, said: schemas.NewRecorderHeartbeat, sub: Sub = None, email: Email = None
) -> schemas.RecorderHeartbeat:
    """Say that a recorder runs for a person on a device, and whether it records: again after `report_again_seconds`,
    and at once when that changes. The token's namespaces have to have the `sub` or `email` as it is named here.
    """
    person = _person(sub, email)
    if not token.speaks_for(sub or email or ""):
        raise heartbeats.NotItsPerson(token.name)
    return heartbeats.report(person, token.name, said)


def _person(sub: str | None, email: str | None) -> Employee:
    """Raises NotValid, NotFound."""
    if (sub is None) == (email is None):
        raise NotValid(mark("Name one person."), "sub", "either this or `email` is needed")
    with Directory.open() as directory:
        try:
            found = directory.by_email(email) if email is not None else directory.by_sub(sub or "")
        except UnknownEmployee:
            found = None
    if found is None:
        raise NotFound(mark("Nobody in the directory has this id or address."))
    return found
