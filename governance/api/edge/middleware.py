"""The outermost layer of the application: every request and every answer passes through it."""

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
HSTS = "max-age=31536000; includeSubDomains"
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of answers that don't set their own."""


class Edge:
    """Accepts only our own host names, bounds heads and bodies, and forbids caching and type sniffing of answers."""

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
    if settings().api_base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = HSTS
    if not body.arrived:  # otherwise the rest would be read for as long as the client sends
        headers["Connection"] = "close"


def _refused(scope: Scope) -> Problem | None:
    length = len(scope["query_string"]) + len(scope.get("raw_path") or b"")
    if length + sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_BYTES:
        return HeadTooLarge(f"The address and headers are larger than {HEAD_BYTES // 1024} KiB together.")
    if not _is_ours(Headers(scope=scope).get("host", "")):
        return Misdirected("This API is not known by this host name. Use the name in its address, OPENBOOK_API_URL.")
    return None


def _is_ours(host: str) -> bool:
    """Whether a `Host` is accepted: the name in OPENBOOK_API_URL, a name without a dot, or a numeric address.

    Someone else can own any other name with a dot: their page would reach this API from a visitor's browser as soon as
    that name resolves to this address (DNS rebinding).
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if "." not in name and ":" not in name:
            return True
        return name == urlsplit(settings().api_base_url).hostname or bool(ip_address(name))
    except ValueError:
        return False
