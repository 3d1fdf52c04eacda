"""Renews an access token with a refresh token (RFC 6749, 6), as the dashboard's client."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from http import HTTPStatus

import outgoing
from directory.fetching import fetch_json
from directory.issuer_keys import IdentityProviderUnavailable
from directory.tokens.calls import ASK_SECONDS, basic, post_form
from errors import OpenBookError
from languages import mark
from settings import metadata_url, settings

log = logging.getLogger("directory")

TRY_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class RenewalRefused(OpenBookError):
    """The provider doesn't accept the refresh token any more: the person has to sign in again."""


@dataclass(frozen=True)
class Renewed:
    access_token: str
    refresh_token: str
    """The same one, where the provider doesn't replace it at each use."""
    seconds: float | None
    """How long the access token is valid, if the provider says so."""


def renew(refresh_token: str) -> Renewed:
    """Raises RenewalRefused, IdentityProviderUnavailable."""
    configured = settings()
    try:
        metadata = fetch_json(metadata_url(configured.issuer_url), time.monotonic() + ASK_SECONDS)
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        status, answer = post_form(metadata["token_endpoint"], form, basic(configured.client, configured.client_secret))
    except (outgoing.CallFailed, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        log.warning("an access token could not be renewed: %s", type(error).__name__)
        raise _unavailable() from error
    if status >= 500 or status in TRY_AGAIN:
        log.warning("an access token could not be renewed: the provider answered %s", status)
        raise _unavailable()
    if answer.get("error") == "invalid_client":  # our secret was replaced there: no reason to sign people out
        log.error("an access token could not be renewed: the provider refuses the dashboard's client id or secret")
        raise _unavailable()
    access = answer.get("access_token")
    if status != HTTPStatus.OK or not isinstance(access, str) or not access:
        raise RenewalRefused(mark("The identity provider doesn't renew this sign-in. Sign in again."))
    replaced, seconds = answer.get("refresh_token"), answer.get("expires_in")
    return Renewed(
        access,
        replaced if isinstance(replaced, str) and replaced else refresh_token,
        float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None,
    )


def _unavailable() -> IdentityProviderUnavailable:
    return IdentityProviderUnavailable("The identity provider can't be reached. Try again in a moment.")
