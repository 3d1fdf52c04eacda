"""Addresses that people type: `/Captured` and `/captured/` lead to the page, `/overview` to the start, and an address
without a page says so. Streamlit would answer each of them with its start page.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import pages
from dashboard.language import t
from dashboard.sign_in import own_route

NAMES = {name for name, *_ in pages.EVERY}


class PageAddresses:
    """ASGI middleware around Streamlit. `others`: what addresses begin with that lead elsewhere, such as `export`."""

    def __init__(self, app: ASGIApp, others: Iterable[str]) -> None:
        self._app = app
        self._others = frozenset(others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._instead(scope) if scope["type"] == "http" and _is_opened_by_people(scope) else None
        await (answer or self._app)(scope, receive, send)

    def _instead(self, scope: Scope) -> Response | None:
        """What to answer instead of the page at this address; None: it has one."""
        path: str = scope["path"]
        name = path.strip("/").lower()
        if name in ("", *NAMES):
            right = "/" if name in ("", pages.START) else f"/{name}"
            if path == right:
                return None
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{right}?{query}" if query else right, 307, own_route.PRIVATE)
        if name.split("/")[0] in self._others:
            return None
        words = t("Nothing is kept at this address. It may be mistyped, or from an older version of Open Book.")
        return own_route.refusal(404, t("There is no such page"), words, own_route.OVERVIEW)


def _is_opened_by_people(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for a part of one."""
    headers = Headers(scope=scope)
    asks = headers.get("sec-fetch-mode") == "navigate" or "text/html" in headers.get("accept", "")
    return asks and scope["method"] in ("GET", "HEAD")
