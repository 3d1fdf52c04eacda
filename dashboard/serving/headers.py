"""Sets security headers on every response, and closes the Streamlit routes that no page needs.

The content security policy allows only what this app loads: its own scripts (the one inline script of Streamlit's
index.html by its hash; no `eval`, because charts use Vega's expression interpreter), its own WebSocket, and no images,
frames or forms from other sites. So captured text can't fetch anything, even if it got past `text.inert`.

Only the Streamlit routes that pages need are open (`OPEN`). The rest is closed: `/media/…`, which serves without a
cookie, file uploads, components, the agent API and the metrics. Only GET and HEAD are answered, so no route takes a
body, but for the form with the code of a letter.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.sign_in.own_route import LETTER

STREAMLITS = ("/_stcore", "/media", "/component", "/app/static")
OPEN = ("/_stcore/health", "/_stcore/host-config")
METHODS = ("GET", "HEAD")
HSTS = "max-age=31536000; includeSubDomains"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_script_hashes(html: str) -> list[str]:
    """CSP sources (`'sha256-…'`) of the inline scripts of a page."""
    digests = (hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(html))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def content_security_policy(html: str, public_url: str) -> str:
    """The policy for Streamlit's index page `html`, served at `public_url`."""
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *inline_script_hashes(html)]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit generates styles at run time
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {socket}",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class SecurityHeaders:
    """ASGI middleware around Streamlit."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._secure = public_url.startswith("https://")
        index = Path(streamlit.__file__).parent / "static" / "index.html"
        self._headers = {
            "Content-Security-Policy": content_security_policy(index.read_text(encoding="utf-8"), public_url),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
        }
        if self._secure:
            self._headers["Strict-Transport-Security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if self._secure:
                    message["headers"] = [
                        (name, value + b"; Secure" if _lacks_secure(name, value) else value)
                        for name, value in message["headers"]
                    ]
            await send(message)

        methods = (*METHODS, "POST") if scope["path"] == LETTER else METHODS
        if scope["method"] not in methods:
            allowed = {"Allow": ", ".join(methods), "Connection": "close"}
            await PlainTextResponse("Method not allowed", 405, allowed)(scope, receive, send_with_headers)
            return
        if _is_closed(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def _is_closed(path: str) -> bool:
    return path not in OPEN and any(path == route or path.startswith(f"{route}/") for route in STREAMLITS)


def _lacks_secure(name: bytes, value: bytes) -> bool:
    if name.lower() != b"set-cookie":
        return False
    return b"secure" not in {part.strip().lower() for part in value.split(b";")[1:]}
