"""Opaque access tokens, which only the identity provider can read (RFC 7662; Google's tokeninfo).

An answer counts for `KEPT_SECONDS`, so a token that the provider revokes is dead within seconds. The provider is asked
over https, unless it is on this machine, by a few callers at once; tokens are kept as digests only.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import clock
import outgoing
from directory.issuer_keys import IdentityProviderUnavailable
from directory.tokens.calls import ASK_SECONDS, basic, post_form
from directory.tokens.claims import InvalidToken, require_acceptable
from languages import mark
from settings import settings

log = logging.getLogger("directory")

KEPT_SECONDS = 5.0
MOST_KEPT = 10_000
MOST_ASKING = 8
TOKENINFO_SECONDS = 3600
"""Google's access tokens are valid for one hour. Its answer says only when that ends."""
NOT_ACTIVE = mark("The identity provider doesn't know this access token, or it has expired.")

_lock = threading.Lock()
_places = threading.BoundedSemaphore(MOST_ASKING)
_answers: OrderedDict[bytes, tuple[float, dict[str, Any] | None]] = OrderedDict()


def introspected(token: str) -> dict[str, Any]:
    """The claims of an opaque token that we accept. Raises InvalidToken, IdentityProviderUnavailable."""
    known, claims = _known(token)
    if not known:
        claims = _ask(token)
        _keep(token, claims)
    return _accepted(claims)


def introspected_lately(token: str) -> dict[str, Any] | None:
    """The same if the provider was asked just now, otherwise None. Doesn't block. Raises InvalidToken."""
    known, claims = _known(token)
    return _accepted(claims) if known else None


def _accepted(claims: dict[str, Any] | None) -> dict[str, Any]:
    if claims is None:
        raise InvalidToken(NOT_ACTIVE, expired=True)
    require_acceptable(claims, audience_optional=True)
    return claims


def _known(token: str) -> tuple[bool, dict[str, Any] | None]:
    with _lock:
        until, claims = _answers.get(_digest(token), (0.0, None))
    return until > clock.uptime(), claims


def _keep(token: str, claims: dict[str, Any] | None) -> None:
    with _lock:
        _answers[_digest(token)] = clock.uptime() + KEPT_SECONDS, claims
        _answers.move_to_end(_digest(token))
        if len(_answers) > MOST_KEPT:
            _answers.popitem(last=False)


def _digest(token: str) -> bytes:
    """With the settings, so that an answer under other ones doesn't count."""
    asked = (settings().introspection_url, settings().introspection_kind, token)
    return hashlib.sha256(json.dumps(asked).encode()).digest()


def _ask(token: str) -> dict[str, Any] | None:
    """What the provider says about the token; None: it isn't active."""
    if not _places.acquire(timeout=ASK_SECONDS):
        raise _unavailable()
    try:
        status, answer = _post(token)
    except (outgoing.CallFailed, OSError, ValueError, RecursionError) as error:
        log.warning("an access token could not be introspected: %s", type(error).__name__)
        raise _unavailable() from error
    finally:
        _places.release()
    return _read_tokeninfo(status, answer) if settings().introspection_kind == "tokeninfo" else _read(status, answer)


def _post(token: str) -> tuple[int, Mapping[str, Any]]:
    url = settings().introspection_url
    if settings().introspection_kind == "tokeninfo":
        return post_form(url, {"access_token": token})
    return post_form(url, {"token": token, "token_type_hint": "access_token"}, _client())


def _client() -> str:
    configured = settings()
    secret = configured.introspection_secret or configured.client_secret
    if configured.introspection_secret_file and not configured.introspection_secret:
        secret = Path(configured.introspection_secret_file).read_text(encoding="utf-8").strip()
    return basic(configured.introspection_client_id or configured.client, secret)


def _read(status: int, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    if status != 200 or not isinstance(answer.get("active"), bool):
        log.warning("the introspection endpoint answered %s", status)
        raise _unavailable()
    if not answer["active"]:
        return None
    # Some providers also introspect refresh tokens, which have no token type.
    if str(answer.get("token_type", "")).lower() != "bearer":
        return None
    return {"iss": settings().token_issuer_url, **answer}


def _read_tokeninfo(status: int, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    if status == 400:
        return None
    if status != 200:
        log.warning("the tokeninfo endpoint answered %s", status)
        raise _unavailable()
    try:
        ends_at = int(answer["exp"])
    except (KeyError, TypeError, ValueError):
        raise _unavailable() from None
    return {**answer, "iss": settings().token_issuer_url, "exp": ends_at, "iat": ends_at - TOKENINFO_SECONDS}


def _unavailable() -> IdentityProviderUnavailable:
    return IdentityProviderUnavailable("The identity provider can't check the access token. Try again in a moment.")
