"""The outermost part of the application: every request and every answer passes here."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from governance.api.edge.bodies import Body
from governance.api.edge.protocol import HEAD_BYTES
from governance.schemas.problem import HeadTooLarge, Misdirected, Problem
from settings import settings

ANSWERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of every answer without one of its own."""


class Edge:
    """No address but ours, no endless head or body; no answer is kept by a cache or taken for another type."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = Body(scope, receive)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                body.answered = True
                _complete(MutableHeaders(scope=message), body)
            await send(message)

        if problem := _refused(scope):
            await problem.response()(scope, receive, answer)
            return
        await self._app(scope, body.receive, answer)


def _complete(headers: MutableHeaders, body: Body) -> None:
    headers.update(ANSWERS)
    headers.setdefault("Content-Security-Policy", NO_PAGE)
    if not body.arrived:  # what is left of it would be read as long as the client sends
        headers["Connection"] = "close"


def _refused(scope: Scope) -> Problem | None:
    length = len(scope["query_string"]) + len(scope.get("raw_path") or b"")
    if length + sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_BYTES:
        return HeadTooLarge(f"Address and headers are longer than {HEAD_BYTES // 1024} KiB together.")
    if not _is_ours(Headers(scope=scope).get("host", "")):
        return Misdirected("This API is not called that. Ask for it by the name in its address, OPENBOOK_API_URL.")
    return None


def _is_ours(host: str) -> bool:
    """Whether a `Host` may be answered: the name in OPENBOOK_API_URL, a name without a dot, an address of numbers.

    Another name with a dot is one that somebody else can own: a page of theirs would reach this API in the browser of
    whoever visits it, as soon as that name leads here (DNS rebinding).
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if "." not in name and ":" not in name:
            return True
        return name == urlsplit(settings().api_base_url).hostname or bool(ip_address(name))
    except ValueError:
        return False
