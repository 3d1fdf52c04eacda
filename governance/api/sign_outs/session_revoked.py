"""Security event tokens by push (RFC 8935): "session revoked" of CAEP, in the Shared Signals Framework."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from directory.sign_outs import session_revoked
from directory.sign_outs.session_revoked import Err, EventRefused
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import OF_BODIES, errors

router = APIRouter(route_class=AdmittingRoute, tags=["sign-in"])

PLACE = "/caep/events"
MEDIA_TYPE = "application/secevent+jwt"
BODY = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}


class EventError(BaseModel):
    """RFC 8935, 2.3."""

    model_config = ConfigDict(frozen=True)

    err: Err
    description: str


async def _token(request: Request) -> str:
    """Empty, which is no token, if the body is of another type."""
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return body.decode("latin-1").strip() if media_type == MEDIA_TYPE else ""


@router.post(
    PLACE,
    status_code=202,
    response_class=Response,
    responses={400: {"model": EventError}, **errors(*OF_BODIES, 429, 500, 503)},
    openapi_extra=BODY,
)
def receive_security_event(token: Annotated[str, Depends(_token)]) -> Response:
    """Sign out the person or the session whose "session revoked" event (CAEP) is sent.

    The body is one security event token; its signature is the sender's authentication. One that was carried out
    before, or has only events of other kinds, is 202 and changes nothing. Errors that the sender can correct are in
    the format of RFC 8935.
    """
    try:
        session_revoked.receive(token)
    except EventRefused as error:
        body = EventError(err=error.err, description=str(error)).model_dump(mode="json")
        return JSONResponse(body, 400, {"Cache-Control": "no-store", "Content-Language": "en"})
    return Response(status_code=202, headers={"Cache-Control": "no-store"})
