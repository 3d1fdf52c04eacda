"""Each call that the API answers as a span (`tracing`), by its method, the pattern of its route, and its status."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

import tracing
from governance.api.monitoring.requests import Answer, method_of, route_of

ASKED_OFTEN = frozenset(("/healthz", "/readyz", "/metrics"))


class Traced:
    """ASGI middleware around the routes. Calls of those who supervise Open Book, every few seconds, are left out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not tracing.is_on() or scope["path"] in ASKED_OFTEN:
            await self._app(scope, receive, send)
            return
        answer = Answer(send)
        with tracing.call(method_of(scope)) as span:
            try:
                await self._app(scope, receive, answer.send)
            finally:
                span.answered(method_of(scope), route_of(scope), answer.status)
