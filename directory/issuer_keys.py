"""The public keys of an OpenID Connect issuer: fetched with limits, checked one by one, kept.

Known keys verify tokens without waiting. They are refreshed after five minutes, and when a token names an unknown key,
by one caller at a time; the others continue with the known keys. While the issuer can't be reached, the known keys
remain valid for a day (`STALE_SECONDS`); a key that the issuer withdraws meanwhile is accepted for as long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey

import clock
from directory.fetching import fetch_json
from errors import Unavailable
from settings import metadata_url

logger = logging.getLogger("directory")

ALGORITHMS = ["RS256", "ES256"]
FRESH_SECONDS = 300.0
STALE_SECONDS = 24 * 3600.0
RETRY_SECONDS = 10.0
"""Pause between two attempts to fetch, successful or not."""
FETCH_SECONDS = 5.0
"""For both documents together."""
MOST_WAITING = 8
"""Callers that may wait while no keys are known; each of them holds a thread."""
MOST_KEYS = 100
RSA_BITS = 2048


class IdentityProviderUnavailable(Unavailable):
    """The identity provider's keys can't be fetched, so no one can sign in."""


@dataclass(frozen=True)
class Known:
    keys: KeySet
    names: frozenset[str | None]
    """Their `kid`s."""
    fetched_at: float

    @property
    def age(self) -> float:
        return clock.uptime() - self.fetched_at


class IssuerKeys:
    """The keys of one issuer, shared by all threads."""

    def __init__(self, issuer: str, metadata: str = "") -> None:
        """`metadata`: the URL of the document that has `jwks_uri`; empty: OpenID Connect's."""
        self._metadata = metadata or metadata_url(issuer)
        self._known: Known | None = None
        self._fetching = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._tried_at: float | None = None
        self._failed = False

    def for_token(self, kid: str | None) -> KeySet:
        """The keys to check a token with this key id. Raises IdentityProviderUnavailable."""
        known = self._usable()
        if known is None:
            known = self._first()
        elif kid is not None and kid not in known.names:
            known = self._renewed(known, needed=True)
        elif known.age > FRESH_SECONDS:
            known = self._renewed(known, needed=False)
        return known.keys

    def known(self, kid: str | None) -> KeySet | None:
        """The keys that are known, if this one is among them. Fetches nothing."""
        known = self._usable()
        return None if known is None or (kid is not None and kid not in known.names) else known.keys

    def _usable(self) -> Known | None:
        known = self._known
        return None if known is None or known.age > STALE_SECONDS else known

    def _first(self) -> Known:
        """No key is known: the first caller fetches them, and a few others may wait for that."""
        if self._failed and self._tried_lately():
            raise _unreachable()
        with self._a_place_to_wait():
            if (known := self._usable()) is not None:
                return known
            if self._failed and self._tried_lately():
                raise _unreachable()
            return self._fetch()

    @contextmanager
    def _a_place_to_wait(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise _unreachable()
        try:
            if not self._fetching.acquire(timeout=FETCH_SECONDS):
                raise _unreachable()
            try:
                yield
            finally:
                self._fetching.release()
        finally:
            self._waiting.release()

    def _renewed(self, known: Known, *, needed: bool) -> Known:
        """Refreshed, unless that was just tried or is in progress. `needed`: the known keys are not enough."""
        if self._tried_lately():
            if needed and self._failed:
                raise _unreachable()
            return known
        if not self._fetching.acquire(blocking=False):
            if needed:
                raise _unreachable()
            return known
        try:
            return self._fetch()
        except IdentityProviderUnavailable:
            if needed:
                raise
            return known
        finally:
            self._fetching.release()

    def _tried_lately(self) -> bool:
        return self._tried_at is not None and clock.uptime() - self._tried_at < RETRY_SECONDS

    def _fetch(self) -> Known:
        """Raises IdentityProviderUnavailable. The caller must hold `_fetching`."""
        try:
            keys = _usable_keys(_key_documents(self._metadata))
        except Exception as error:  # anything the other side may send
            self._failed = True
            logger.warning("the identity provider's keys could not be fetched: %s", type(error).__name__)
            raise _unreachable() from error
        else:
            self._known = Known(keys, frozenset(key.kid for key in keys), clock.uptime())
            self._failed = False
            return self._known
        finally:
            self._tried_at = clock.uptime()


def _unreachable() -> IdentityProviderUnavailable:
    return IdentityProviderUnavailable("The identity provider can't be reached. Try again in a moment.")


def _key_documents(metadata: str) -> list[Any]:
    """The keys as the issuer publishes them. Raises CallFailed, ValueError, LookupError, TypeError."""
    until = time.monotonic() + FETCH_SECONDS
    address = fetch_json(metadata, until)["jwks_uri"]
    if metadata.startswith("https://") and not address.startswith("https://"):
        raise ValueError("The key URL is http, although the issuer's address is https.")
    found = fetch_json(address, until)["keys"]
    if not isinstance(found, list):
        raise TypeError("`keys` is not a list.")
    return found[:MOST_KEYS]


def _usable_keys(documents: list[Any]) -> KeySet:
    """The keys that may sign access tokens; an unreadable one doesn't affect the others. Raises ValueError."""
    keys = [key for document in documents if (key := _usable_key(document)) is not None]
    if not keys:
        raise ValueError("None of the issuer's keys can be used.")
    return KeySet(list(keys))


def _usable_key(document: Any) -> RSAKey | ECKey | None:
    try:
        if document.get("use", "sig") != "sig" or document.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
            return None
        if "verify" not in document.get("key_ops", ["verify"]):
            return None
        key = JWKRegistry.import_key(document)
        if isinstance(key, RSAKey):
            return key if key.public_key.key_size >= RSA_BITS else None
        return key if isinstance(key, ECKey) and key.curve_name == "P-256" else None
    except Exception:  # joserfc and cryptography raise many kinds
        return None
