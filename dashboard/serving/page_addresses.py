"""Addresses that people type: `/Captured` and `/captured/` lead to the page, `/overview` to the start, and an address
without a page says so. Streamlit would answer each of them with its start page.

A page is Streamlit's index.html, whatever its address, and that says that it is in English: screen readers would read
other languages with an English voice. So those who read another language get it from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import pages
from dashboard.language import current, t
from dashboard.sign_in import own_route
from languages import DEFAULT

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
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
        """What to answer instead of Streamlit; None: it has the page."""
        path: str = scope["path"]
        name = path.strip("/").lower()
        if name in ("", *NAMES):
            right = "/" if name in ("", pages.START) else f"/{name}"
            if path == right:
                code = current().code
                return None if code == DEFAULT else HTMLResponse(_index(code), headers={"Cache-Control": "no-cache"})
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{right}?{query}" if query else right, 307, own_route.PRIVATE)
        if name.split("/")[0] in self._others:
            return None
        words = t("There is no page at this address. It may be mistyped, or from an older version of Open Book.")
        return own_route.refusal(404, t("There is no such page"), words, own_route.OVERVIEW)


@cache
def _index(code: str) -> str:
    return INDEX.read_text(encoding="utf-8").replace('<html lang="en">', f'<html lang="{code}">', 1)


def _is_opened_by_people(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for a part of one."""
    headers = Headers(scope=scope)
    asks = headers.get("sec-fetch-mode") == "navigate" or "text/html" in headers.get("accept", "")
    return asks and scope["method"] in ("GET", "HEAD")
