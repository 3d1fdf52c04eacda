"""Calls to the identity provider's endpoints for clients: a form, with the client's secret (RFC 6749, 2.3.1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import outgoing

ASK_SECONDS = 5.0
LARGEST_ANSWER = 256 * 1024


def post_form(url: str, form: Mapping[str, str], authorization: str | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object that answers a form; over https, unless the endpoint is on this machine.

    Raises outgoing.CallFailed, ValueError, RecursionError.
    """
    if not url.startswith("https://") and not outgoing.is_this_machine(urlsplit(url).hostname or ""):
        raise ValueError("The URL is http.")
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if authorization:
        headers["Authorization"] = authorization
    body = urlencode(form).encode()
    with outgoing.call(
        "POST", url, headers, body, largest=LARGEST_ANSWER, silence=ASK_SECONDS, seconds=ASK_SECONDS
    ) as answer:
        said = json.loads(answer.read())
    if not isinstance(said, dict):
        raise ValueError("The answer is not an object.")
    return answer.status, said


def basic(client: str, secret: str) -> str:
    """The Authorization header of a client."""
    return "Basic " + base64.b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode()).decode()
