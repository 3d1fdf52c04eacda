"""Signing in with the code of a letter, for people who have left the company."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from api_client.decoding import decode
from api_client.sending import Retries, Sender, http_client, json_of


@dataclass(frozen=True)
class LetterToken:
    """An access token that opens the person's own data for `expires_in` seconds."""

    access_token: str
    expires_in: int


def sign_in_with_letter(
    base_url: str,
    code: str,
    *,
    visitor: str | None = None,
    timeout: float = 30.0,
    transport: httpx.BaseTransport | None = None,
) -> LetterToken:
    """The token for a code. `visitor`: the address of whoever typed it, if not this machine's; the API counts tries by
    it if it trusts this machine as a proxy.

    Raises StatusError (400: the code opens nothing; 429: too many tries from that address), TransportError,
    UnexpectedAnswer. It is sent once, because each use of a code counts.
    """
    headers = {"X-Forwarded-For": visitor} if visitor else {}
    with http_client(base_url, timeout, transport, headers) as http:
        answer = Sender(http, "", Retries()).send("POST", "/letter-sign-in", repeatable=False, json={"code": code})
        return decode(LetterToken, json_of(answer))
