"""`/export/{request_id}`: streams a person's export from the governance API to their browser.

It doesn't use `st.download_button`, which would keep the file in memory and serve it to anyone with its address. Every
byte is fetched with the person's own access token (`own_route.py`). `Range` and `If-Range` are passed to the API, and
its answer is passed back, so an interrupted download can be resumed.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

import clock
from api_client import ExportStream, GovernanceClient
from api_client.errors import Conflict, Gone, GovernanceError, NotFound, SignInNotRecent, StatusError, Unauthorized
from dashboard.language import t
from dashboard.sign_in import own_route
from dashboard.sign_in.own_route import caller, governance, refusal, sign_in_again


async def download_export(request: Request) -> Response:
    """The ZIP as an attachment, or a plain page that says why not."""
    token = await run_in_threadpool(caller, request)
    if isinstance(token, Response):
        return token
    request_id = request.path_params["request_id"]
    client = governance(token)
    asked = {"byte_range": request.headers.get("range"), "if_range": request.headers.get("if-range")}
    try:
        stream = await run_in_threadpool(lambda: client.stream_export(request_id, **asked))
    except SignInNotRecent:
        client.close()
        return sign_in_again(request_id)
    except GovernanceError as error:
        client.close()
        return refusal(*_reason(error))
    headers = {
        **stream.headers,
        "Content-Disposition": f'attachment; filename="open-book-export-{clock.today():%Y-%m-%d}.zip"',
        "Cache-Control": "no-store",
    }
    if request.method == "HEAD":
        stream.close()
        client.close()
        return Response(None, stream.status, headers, media_type="application/zip")
    return _Passing(stream, client, headers)


class _Passing(StreamingResponse):
    """What arrives, passed on. Ends the call of the API whenever it ends, also before anything was sent."""

    def __init__(self, stream: ExportStream, client: GovernanceClient, headers: Mapping[str, str]) -> None:
        super().__init__(stream.chunks(), stream.status, headers, media_type="application/zip")
        self._stream = stream
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()
            self._client.close()


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return own_route.sign_in_has_ended()
    if isinstance(error, NotFound):
        return (
            404,
            t("There is no such export"),
            t("You have no request with this number. Go to {page} to see yours.", page=t(own_route.REQUESTS)),
        )
    if isinstance(error, Conflict):
        return (
            409,
            t("Not ready yet"),
            t("Your export is still being made. Go to {page} to follow it.", page=t(own_route.REQUESTS)),
        )
    if isinstance(error, Gone):
        return (
            410,
            t("This export is no longer there"),
            t("It was deleted or lost. Go to {page} to see why, or to ask for a new one.", page=t(own_route.REQUESTS)),
        )
    if isinstance(error, StatusError) and error.status == 416:
        return (
            416,
            t("Nothing is left to download"),
            t("You already have all of it. If it is damaged, download it again."),
        )
    return 503, t("The export can't be reached right now"), t("Nothing was lost. Try again in a minute.")
