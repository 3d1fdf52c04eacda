"""`/sign-in-again/{request_id}`: to the identity provider for a recent sign-in, and back to that request."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from streamlit.auth_util import encode_provider_token

from dashboard.sign_in import own_route, step_up
from dashboard.sign_in.server_sessions import LOGIN
from dashboard.sign_in.sessions import SCOPE_KEY


async def sign_in_again(request: Request) -> Response:
    """A redirect to the provider, or a plain page that says why not."""
    token = await run_in_threadpool(own_route.caller, request)
    if isinstance(token, Response):
        return token
    place = f"/requests#request-{request.path_params['request_id']}"
    await run_in_threadpool(step_up.ask, request.scope[SCOPE_KEY].reference, place)
    return RedirectResponse(f"{LOGIN}?provider={encode_provider_token('default')}", 302, own_route.PRIVATE)
