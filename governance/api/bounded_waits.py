"""API calls wait only a few seconds for the lake and the databases (`lake.storage.waiting`)."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from lake.storage import waiting


class BoundedWaits:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with waiting.bounded():
            await self._app(scope, receive, send)
