"""What is added to the request with which Streamlit sends somebody to the identity provider."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from settings import settings


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
