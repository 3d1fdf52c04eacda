"""Answers are written in the caller's language: that of its `Accept-Language`, English without one."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from languages import preferred
from languages.language import PSEUDO, speaking


class Speaking:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = Headers(scope=scope).get("accept-language", "")
        code = PSEUDO if accepted == PSEUDO else preferred(accepted)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Language", code)
                headers.add_vary_header("Accept-Language")
            await send(message)

        with speaking(code):
            await self._app(scope, receive, answer)
