"""Where the identity provider says that somebody is signed out (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from directory.sign_outs import logout_tokens
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import OF_BODIES, errors
from governance.schemas.problem import BadRequest

router = APIRouter(route_class=AdmittingRoute, tags=["sign-in"])

PLACE = "/back-channel-logout"
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["logout_token"],
                    "properties": {"logout_token": {"type": "string"}},
                }
            }
        },
    }
}
MOST_FIELDS = 10


async def _logout_token(request: Request) -> str:
    body = await request.body()
    try:
        found = parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS).get("logout_token", [])
    except ValueError:
        found = []
    if len(found) != 1:
        raise BadRequest("Send one `logout_token`, as application/x-www-form-urlencoded. Nobody was signed out.")
    return found[0]


@router.post(PLACE, response_class=Response, responses=errors(400, *OF_BODIES, 422, 429, 500, 503), openapi_extra=FORM)
def back_channel_logout(token: Annotated[str, Depends(_logout_token)]) -> Response:
    """Sign out the person or the session that the identity provider's logout token names.

    Their access tokens that were issued before are refused from then on, here and by the dashboard. A token that is
    not accepted, or was used before, is 400. The token's signature is the caller's authentication.
    """
    logout_tokens.sign_out(token)
    return Response(headers={"Cache-Control": "no-store"})
