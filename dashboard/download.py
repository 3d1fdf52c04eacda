"""`/export/{request_id}`: a person's export, streamed from the governance API through to their browser.

Never `st.download_button`: its file would lie in memory and be served to whoever has its address. Here every
byte is fetched with the person's own access token, so the API decides whose export it is; the token comes
from Streamlit's signed sign-in cookies, read by Streamlit's own function. A request that another site made the
browser send is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

import clock
from api_client import ExportStream, GovernanceClient
from api_client.errors import Conflict, Gone, GovernanceError, NotFound, Unauthorized
from settings import settings

SAME_SITE = {"same-origin", "none"}
"""`Sec-Fetch-Site` of a link on our pages, and of an address typed in by hand."""


async def download_export(request: Request) -> Response:
    """The ZIP as an attachment, or a plain page that says why not."""
    if request.headers.get("sec-fetch-site", "same-origin") not in SAME_SITE:
        return _refusal(403, "Open this from Open Book", "Another site sent you here. Go to Requests and download it.")
    token = _access_token(request)
    if token is None:
        return _refusal(401, "Please sign in again", "Your sign-in has ended. Sign in, go to Requests, download it.")
    request_id = request.path_params["request_id"]
    client = GovernanceClient(settings().api_base_url, token)
    try:
        stream = await run_in_threadpool(client.stream_export, request_id)
    except GovernanceError as error:
        client.close()
        return _refusal(*_reason(error))
    headers = {
        "Content-Disposition": f'attachment; filename="open-book-export-{clock.today():%Y-%m-%d}.zip"',
        "Cache-Control": "no-store",
    }
    if stream.size is not None:
        headers["Content-Length"] = str(stream.size)
    return StreamingResponse(_pass_on(stream, client), media_type="application/zip", headers=headers)


def _pass_on(stream: ExportStream, client: GovernanceClient) -> Iterator[bytes]:
    try:
        with stream:
            yield from stream.chunks()
    finally:
        client.close()


def _access_token(request: Request) -> str | None:
    """The signed-in person's access token, or None: not signed in, over its time, or not for this site."""
    user = _cookie(request, USER_COOKIE_NAME)
    expires_at = user.get("exp")
    here = urlsplit(settings().dashboard_base_url)
    if user.get("origin") != f"{here.scheme}://{here.netloc}":
        return None
    if not isinstance(expires_at, int | float) or clock.now().timestamp() >= expires_at:
        return None
    token = _cookie(request, TOKENS_COOKIE_NAME).get("access_token")
    return token if isinstance(token, str) else None


def _cookie(request: Request, name: str) -> dict[str, object]:
    value = _get_signed_cookie_with_chunks(request.cookies, name)
    found = json.loads(value) if value else {}
    return found if isinstance(found, dict) else {}


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return 401, "Please sign in again", "Your sign-in has ended. Sign in, go to Requests, download it."
    if isinstance(error, NotFound):
        return 404, "There is no such export", "You have no request with this number. Go to Requests to see yours."
    if isinstance(error, Conflict):
        return 409, "Not ready yet", "Your export is still being made. Go to Requests to follow it."
    if isinstance(error, Gone):
        return 410, "This export was deleted", "Its time was over. Go to Requests and ask for a new one."
    return 503, "The export can't be reached just now", "Nothing was lost. Try again in a minute."


def _refusal(status: int, title: str, words: str) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui,sans-serif;'
        "max-width:36rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>"
        f'<h1>{title}</h1><p>{words}</p><p><a href="/requests">Go to Requests</a></p></html>',
        status,
    )
