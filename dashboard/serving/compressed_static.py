"""Sends Streamlit's scripts and styles compressed. Their names contain a hash of their content, so each is compressed
once per process and kept; Streamlit itself sends them as they are.

Files of fonts and pictures are compressed already. Pages and answers about people are never kept here.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

LEVEL = 9
KEPT = "public, immutable, max-age=31536000"
FOLDER = Path(streamlit.__file__).parent / "static"
FILES = {
    f"/{file.relative_to(FOLDER).as_posix()}": file
    for kind in ("js", "css")
    for file in sorted((FOLDER / "static" / kind).glob(f"*.{kind}"))
}
"""Files by the path that they are served at."""


class CompressedStatic:
    """ASGI middleware around Streamlit."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:  # noqa: ARG002 (all of them are given it)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] not in FILES:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not _accepts_gzip(headers.get("accept-encoding", "")) or "range" in headers:
            await self._app(scope, receive, send)
            return
        body, tag = await asyncio.to_thread(_compressed, scope["path"])
        about = {"Cache-Control": KEPT, "Content-Encoding": "gzip", "ETag": tag, "Vary": "Accept-Encoding"}
        if tag in headers.get("if-none-match", ""):
            await Response(status_code=304, headers=about)(scope, receive, send)
            return
        about["Content-Type"] = mimetypes.guess_type(scope["path"])[0] or "application/octet-stream"
        about["Content-Length"] = str(len(body))
        await Response(b"" if scope["method"] == "HEAD" else body, headers=about)(scope, receive, send)


@cache
def _compressed(path: str) -> tuple[bytes, str]:
    body = gzip.compress(FILES[path].read_bytes(), LEVEL, mtime=0)
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _accepts_gzip(header: str) -> bool:
    """RFC 9110, 12.5.3."""
    for offer in header.split(","):
        name, _, parameters = offer.partition(";")
        if name.strip().lower() == "gzip":
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
