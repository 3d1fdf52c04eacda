"""What the provider's token endpoint answers at sign-in, beyond what Streamlit passes on: the refresh token, and how
long the access token is valid."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from authlib.integrations.starlette_client import StarletteOAuth2App

KEPT = ("refresh_token", "expires_in")

given: ContextVar[dict[str, Any] | None] = ContextVar("given", default=None)
"""Filled while a sign-in is completed."""


def listen() -> None:
    """Note each answer from now on, in this process. Streamlit has no hook for it, so Authlib's client gets one.

    A second call changes nothing.
    """
    fetch = StarletteOAuth2App.fetch_access_token
    if getattr(fetch, "is_noted", False):
        return

    async def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        token = await fetch(self, *arguments, **named)
        found = given.get()
        if found is not None and isinstance(token, dict):
            found.update({name: token[name] for name in KEPT if token.get(name)})
        return token

    noted.is_noted = True  # type: ignore[attr-defined]
    StarletteOAuth2App.fetch_access_token = noted
