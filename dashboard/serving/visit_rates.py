"""How often one address may ask the dashboard for something; beyond it, 429 with `Retry-After`.

    kind       which requests                                      at once    a second
    sign-ins   starting one, its end at the callback, sign-outs,       300           5
               codes of letters (the API allows fewer of these)
    files      exports, receipts, proofs                               300           5
    pages      everything else but the app's own scripts             1,200          50

A whole company may share an address, so these are wide. What one person may do is limited at the API, which files and
requests come from, and by `sockets.py`. IPv6 addresses count by their /64 network.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.language import t, tn
from dashboard.sign_in.own_route import LETTER
from dashboard.sign_in.server_sessions import CALLBACK, LOGIN, LOGOUT, STATIC
from languages import mark
from rates import Rate, network_of


class Kind(StrEnum):
    SIGN_INS = "sign-ins"
    FILES = "files"
    PAGES = "pages"


RATES: dict[Kind, tuple[int, float]] = {
    Kind.SIGN_INS: (300, 5.0),
    Kind.FILES: (300, 5.0),
    Kind.PAGES: (1200, 50.0),
}
"""Requests at once, and per second on average."""

TOO_MANY = {
    Kind.SIGN_INS: mark("There were too many sign-ins and sign-outs from your network address in a short time."),
    Kind.FILES: mark("There were too many downloads from your network address in a short time."),
    Kind.PAGES: mark("There were too many visits from your network address in a short time."),
}

FILE = re.compile(r"/(export|acknowledgement|receipt|membership|register|access-log)(/|$)")


def kind_of(path: str) -> Kind:
    if path in (LOGIN, CALLBACK, LOGOUT, LETTER) or path.startswith("/sign-in-again/"):
        return Kind.SIGN_INS
    return Kind.FILES if FILE.match(path) else Kind.PAGES


class VisitRates:
    """ASGI middleware around the sessions and our own routes."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:  # noqa: ARG002 (all of them are given it)
        self._app = app
        self._rates = {kind: Rate(*limits) for kind, limits in RATES.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(STATIC):
            kind = kind_of(scope["path"])
            network = network_of((scope.get("client") or (None,))[0])
            if seconds := self._rates[kind].seconds_until_allowed(network):
                await _later(kind, math.ceil(seconds))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _later(kind: Kind, seconds: int) -> PlainTextResponse:
    again = tn("Try again in {n} second.", "Try again in {n} seconds.", seconds)
    return PlainTextResponse(
        f"{t(TOO_MANY[kind])} {t('Nothing was changed.')} {again}\n",
        429,
        {"Retry-After": str(seconds), "Cache-Control": "no-store"},
    )
