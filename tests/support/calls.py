"""Calls of servers that tests run, each over a connection of its own: whoever answers may be killed meanwhile."""

from __future__ import annotations

from typing import Any

import httpx2

from api_client.sending import trusted


def call(method: str, url: str, **named: Any) -> httpx2.Response:
    """Arguments and errors as of `httpx2.request`, which reads the trusted authorities for each call: that takes longer
    than most answers."""
    return httpx2.request(method, url, verify=trusted(), **named)


def get(url: str, **named: Any) -> httpx2.Response:
    return call("GET", url, **named)
