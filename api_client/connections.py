"""Connections that many clients share, one after the other: for a program that makes a client for each of its users.

A connection has nothing of whoever used it before: every call brings its own token, and cookies stay with a client.
"""

from __future__ import annotations

import httpx

from api_client.sending import trusted

KEPT_SECONDS = 2.0
"""How long an unused one is kept: less than servers do, which would otherwise close it while a call is sent."""
MOST_KEPT = 20


class Connections(httpx.BaseTransport):
    """Give it to clients as their `transport`. Any number of threads may use it; a client that is closed closes only
    its own calls. Proxies that the environment names are not used."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=MOST_KEPT, keepalive_expiry=KEPT_SECONDS)
        self._pool = httpx.HTTPTransport(verify=trusted(), limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._pool.handle_request(request)

    def disconnect(self) -> None:
        """Closes all of them, once no client uses them any more."""
        self._pool.close()
