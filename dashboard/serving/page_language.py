"""Says in each page which language it is in (`<html lang>`), for screen readers, hyphenation and translating browsers.

Streamlit's own page says English. Its controls that we don't word, such as the menu of a table, stay English.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import pages
from dashboard.language import of_request

PATHS = {"", *(name for name, *_ in pages.EVERY)}
ENGLISH = b'<html lang="en">'


class PageLanguage:
    """ASGI middleware around Streamlit."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:  # noqa: ARG002 (all of them are given it)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].strip("/") not in PATHS:
            await self._app(scope, receive, send)
            return
        tag = f'<html lang="{of_request(Request(scope))}">'.encode()

        async def send_in_language(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                headers = MutableHeaders(scope=message)
                for kept in ("etag", "last-modified"):
                    del headers[kept]
                headers["Vary"] = "Cookie, Accept-Language"
            elif message["type"] == "http.response.body" and len(tag) == len(ENGLISH):
                message = {**message, "body": message.get("body", b"").replace(ENGLISH, tag, 1)}
            await send(message)

        as_it_is = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self._app({**scope, "headers": as_it_is}, receive, send_in_language)


def _is_page(message: Message) -> bool:
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")
