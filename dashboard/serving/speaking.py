"""Our own pages next to Streamlit's speak the language of the request. Streamlit's pages find it for themselves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.language import of_request
from languages.language import speaking


class Speaking:
    """ASGI middleware around everything that answers people."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(of_request(Request(scope))):
            await self._app(scope, receive, send)
