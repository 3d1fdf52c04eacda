"""How Streamlit signs people in, from `OPENBOOK_*`, and what is added to the request with which it sends somebody to
the identity provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dashboard.sign_in import token_answer
from dashboard.sign_in.cookie_secret import cookie_secret
from settings import metadata_url, settings


def configuration() -> dict[str, Any]:
    """The section `auth` of Streamlit's secrets. Raises UnusableSecret, HomeUnavailable."""
    token_answer.listen()
    configured = settings()
    return {
        "redirect_uri": f"{configured.dashboard_base_url}/oauth2callback",
        "cookie_secret": cookie_secret(),
        "client_id": configured.client,
        "client_secret": configured.client_secret,
        "server_metadata_url": metadata_url(configured.issuer_url),
        "client_kwargs": {"scope": configured.scopes},
        "expose_tokens": ["access"],
    }


def extended(headers: Iterable[tuple[bytes, bytes]], **parameters: str) -> list[tuple[bytes, bytes]]:
    """The headers of a redirect to the provider, with those parameters and the configured ones in its location."""
    wanted = dict(parse_qsl(settings().authorization_parameters, keep_blank_values=True)) | parameters
    return [(name, _with(value, wanted) if name == b"location" else value) for name, value in headers]


def _with(location: bytes, wanted: dict[str, str]) -> bytes:
    """An empty value removes the parameter. A place of our own stays as it is."""
    parts = urlsplit(location.decode("ascii"))
    if not parts.netloc:
        return location
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **wanted}
    kept = {name: value for name, value in query.items() if value or name not in wanted}
    return parts._replace(query=urlencode(kept)).geturl().encode("ascii")
