"""What the provider's token endpoint answers at sign-in, beyond what Streamlit passes on: the refresh token, and how
long the access token is valid."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

KEPT = ("refresh_token", "expires_in")

given: ContextVar[dict[str, Any] | None] = ContextVar("given", default=None)
"""Filled while a sign-in is completed."""


async def note(response: Any) -> None:
    """A hook of Authlib's HTTP client (httpx), for each answer of the provider."""
    found = given.get()
    if found is None or response.request.method != "POST":
        return
    await response.aread()
    try:
        answer = response.json()
    except ValueError:
        return  # Authlib reports it
    if isinstance(answer, dict):
        found.update({name: answer[name] for name in KEPT if answer.get(name)})
