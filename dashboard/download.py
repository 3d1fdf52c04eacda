"""`/export/{request_id}`: a person's export, streamed from the governance API through to their browser.

Never `st.download_button`: its file would lie in memory and be served to whoever has its address. Here every
byte is fetched with the person's own access token (`own_route.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import clock
from api_client import ExportStream, GovernanceClient
from api_client.errors import Conflict, Gone, GovernanceError, NotFound, Unauthorized
from dashboard.own_route import caller, refusal
from settings import settings


async def download_export(request: Request) -> Response:
    """The ZIP as an attachment, or a plain page that says why not."""
    token = caller(request)
    if isinstance(token, Response):
        return token
    request_id = request.path_params["request_id"]
    client = GovernanceClient(settings().api_base_url, token)
    try:
        stream = await run_in_threadpool(client.stream_export, request_id)
    except GovernanceError as error:
        client.close()
        return refusal(*_reason(error))
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
