"""`/.well-known/security.txt`: whom to tell about a vulnerability."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

import security_contact
from errors import NotFound
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors

router = APIRouter(route_class=AdmittingRoute, tags=["health"])


@router.get(
    security_contact.PLACE,
    response_class=PlainTextResponse,
    responses=errors(404, 500, 503) | {200: {"description": "RFC 9116."}},
)
def read_security_text() -> str:
    """Whom to tell about a vulnerability of this installation."""
    text = security_contact.security_text()
    if text is None:
        raise NotFound("Nobody is named here. The people who run this installation set OPENBOOK_SECURITY_CONTACT.")
    return text
